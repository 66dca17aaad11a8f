import { Group, Progress, Stack, Text, Tooltip } from '@mantine/core';
import { formatMs } from '../../parts/time.tsx';
import type { Attempt } from './attempts.tsx';

const PHASES = [
  ['dnsMs', 'DNS', '#7048e8'],
  ['connectMs', 'Connect', '#1971c2'],
  ['tlsMs', 'TLS', '#0b7285'],
  ['waitMs', 'Wait', '#b35900'],
] as const;

/** Where the time of an attempt went. */
export function TimingBar({
  timing,
  durationMs,
}: {
  timing: NonNullable<Attempt['timing']>;
  durationMs: number;
}) {
  const there = PHASES.flatMap(([field, label, color]) => {
    const ms = timing[field];
    return ms === null ? [] : [{ label, color, ms }];
  });
  const total = Math.max(
    durationMs,
    there.reduce((sum, { ms }) => sum + ms, 0),
    1,
  );
  return (
    <Stack gap={4}>
      <Progress.Root size="lg" aria-hidden>
        {there.map(({ label, color, ms }) => (
          <Tooltip key={label} label={`${label} ${formatMs(ms)}`}>
            <Progress.Section value={(ms / total) * 100} color={color} />
          </Tooltip>
        ))}
      </Progress.Root>
      <Group gap="md">
        {timing.connectionReused && (
          <Text size="xs" c="dimmed">
            Over a connection that was open already
          </Text>
        )}
        {there.map(({ label, color, ms }) => (
          <Group key={label} gap={6}>
            <span
              aria-hidden
              style={{ background: color, borderRadius: 2, display: 'inline-block', height: 10, width: 10 }}
            />
            <Text size="xs">
              {label} {formatMs(ms)}
            </Text>
          </Group>
        ))}
      </Group>
    </Stack>
  );
}
