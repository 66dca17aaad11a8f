import { Group, Text } from '@mantine/core';
import { IconBan, IconCheck, IconClock, IconPlayerSkipForward, IconX } from '@tabler/icons-react';

const SIGNS = [
  ['succeeded', IconCheck, 'light-dark(#14532b, #a6e9bd)'],
  ['pending', IconClock, 'light-dark(#6b4a00, #ffdf94)'],
  ['failed', IconX, 'light-dark(#8d1a1a, #ffc0c0)'],
  ['cancelled', IconBan, 'var(--mantine-color-dimmed)'],
  ['skipped', IconPlayerSkipForward, 'var(--mantine-color-dimmed)'],
] as const;

/** How many deliveries of an event are in each state. */
export function EventStates({ states }: { states: Record<(typeof SIGNS)[number][0], number> }) {
  const there = SIGNS.filter(([state]) => states[state] > 0);
  if (there.length === 0)
    return (
      <Text size="sm" c="dimmed" span>
        none
      </Text>
    );
  return (
    <Group gap={8} wrap="nowrap">
      {there.map(([state, Sign, color]) => (
        <Group key={state} gap={2} wrap="nowrap" c={color} title={`${states[state]} ${state}`}>
          <Sign size={15} aria-hidden />
          <Text size="sm" span aria-label={`${states[state]} ${state}`} role="img">
            {states[state]}
          </Text>
        </Group>
      ))}
    </Group>
  );
}
