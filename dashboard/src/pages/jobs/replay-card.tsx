import { Group, Progress, Text } from '@mantine/core';
import { useAccess, useMay } from '../../access/access.ts';
import { formatCount } from '../../parts/numbers.ts';
import { formatInstant } from '../../parts/time.tsx';
import { SubscriptionLink } from '../subscriptions/subscription-link.tsx';
import { JobCard } from './job-card.tsx';
import type { Replay } from './job-data.ts';

/** What has become of what was selected, in the order of the bar; the rest is not made yet. */
const PARTS = [
  ['succeeded', 'teal.7'],
  ['failed', 'red.7'],
  ['pending', 'yellow.6'],
  ['cancelled', 'gray.6'],
  ['erased', 'gray.5'],
] as const;

const REASONS: Readonly<Record<NonNullable<Replay['reason']>, string>> = {
  requested: 'Somebody stopped it.',
  subscription_inactive: 'It ended because the subscription is not active any more.',
  subscription_deleted: 'It ended because the subscription was deleted.',
};

/** A replay: whose, of when, and what has become of it. */
export function ReplayCard({ replay }: { replay: Replay }) {
  const { _id: id, subscriptionId, since, until, eventTypes, states, reason } = replay;
  const { client } = useAccess();
  const mayCancel = useMay('deliveries:write');
  const cancel = {
    title: 'Stop this replay?',
    consequence: 'What it has made and still waits is cancelled with it; an attempt in flight is recorded.',
    done: 'The replay is stopped.',
    send: () => client.post('/api/v1/replays/{id}/cancel', { path: { id } }),
  };
  return (
    <JobCard
      job={replay}
      title={
        <>
          Replay to <SubscriptionLink id={subscriptionId} />, of what was published from{' '}
          {formatInstant(since)} to {formatInstant(until)}
        </>
      }
      {...(mayCancel && { cancel })}
    >
      <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        Deliveries in the state {states.join(', ')}, of{' '}
        {eventTypes === null ? 'all event types' : eventTypes.join(', ')}
      </Text>
      {reason !== null && <Text size="sm">{REASONS[reason]}</Text>}
      <Made replay={replay} />
    </JobCard>
  );
}

function Made({ replay: { count, counted, progress } }: { replay: Replay }) {
  const { made, erased } = progress;
  return (
    <>
      <Progress.Root
        size="lg"
        role="progressbar"
        aria-label="Progress of the replay"
        aria-valuemin={0}
        aria-valuenow={made + erased}
        aria-valuemax={count}
      >
        {PARTS.map(([part, color]) => (
          <Progress.Section
            key={part}
            // What the parts are is in the words below.
            withAria={false}
            value={count === 0 ? 0 : (progress[part] / count) * 100}
            color={color}
          />
        ))}
      </Progress.Root>
      <Group gap="md">
        <Text size="sm" fw={600}>
          {formatCount(made + erased)} of {formatCount(count)}
          {!counted && ' counted so far'}
        </Text>
        {PARTS.filter(([part]) => progress[part] > 0).map(([part, color]) => (
          <Group key={part} gap={6} wrap="nowrap">
            <Swatch color={color} />
            <Text size="sm">
              {formatCount(progress[part])} {part}
            </Text>
          </Group>
        ))}
      </Group>
    </>
  );
}

/** Which part of the bar is meant. */
function Swatch({ color }: { color: string }) {
  return (
    <span
      aria-hidden
      style={{
        background: `var(--mantine-color-${color.replace('.', '-')})`,
        borderRadius: 3,
        display: 'inline-block',
        height: 10,
        width: 10,
      }}
    />
  );
}
