import { Group, Text } from '@mantine/core';
import type { StreamMessage } from '@velahook/sdk';
import { PageLink } from '../../parts/link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { formatMs } from '../../parts/time.tsx';
import classes from './live-line.module.css';

export interface Line {
  key: number;
  /** When it came here, in milliseconds since the Unix epoch. */
  at: number;
  message: StreamMessage;
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', hourCycle: 'h23' });

/** One thing that happened. */
export function LiveLine({ line: { at, message } }: { line: Line }) {
  return (
    <Group className={classes.line ?? ''} gap="sm" wrap="nowrap">
      <Text
        size="xs"
        c="dimmed"
        ff="monospace"
        component="time"
        style={{ flexShrink: 0 }}
        dateTime={new Date(at).toISOString()}
      >
        {clock.format(at)}
      </Text>
      <Text size="xs" fw={600} w={86} style={{ flexShrink: 0 }}>
        {message.kind}
      </Text>
      <Group gap="sm" style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Told message={message} />
      </Group>
    </Group>
  );
}

function Told({ message: { kind, data } }: { message: StreamMessage }) {
  const text = (name: string): string => String(data[name] ?? '');
  switch (kind) {
    case 'event':
      return (
        <>
          <PageLink to="/events/$id" params={{ id: text('eventId') }} size="sm">
            {text('eventType')}
          </PageLink>
          <Text size="xs" c="dimmed">
            {text('deliveries')} {data['deliveries'] === 1 ? 'delivery' : 'deliveries'}
          </Text>
        </>
      );
    case 'attempt':
      return (
        <>
          <StateBadge state={text('outcome')} />
          <PageLink to="/deliveries/$id" params={{ id: text('deliveryId') }} size="sm">
            {text('eventType')}
          </PageLink>
          <Text size="xs" c="dimmed">
            attempt {text('number')}
            {data['statusCode'] != null && `, HTTP ${text('statusCode')}`}
            {typeof data['durationMs'] === 'number' && `, ${formatMs(data['durationMs'])}`}
          </Text>
        </>
      );
    case 'delivery':
      return (
        <>
          <StateBadge state={text('state')} />
          <PageLink to="/deliveries/$id" params={{ id: text('deliveryId') }} size="sm">
            {text('eventType')}
          </PageLink>
        </>
      );
    case 'deliveries':
      return (
        <Text size="sm">
          {text('count')} deliveries {text('state')}
        </Text>
      );
    case 'subscription':
      return (
        <PageLink to="/subscriptions/$id" params={{ id: text('subscriptionId') }} size="sm">
          {text('url')} is {text('status')}
        </PageLink>
      );
    case 'gap':
    case 'missed':
      return <Text size="sm">Something is missing here; the lists have it.</Text>;
    default:
      return (
        <Text size="xs" ff="monospace" truncate>
          {JSON.stringify(data)}
        </Text>
      );
  }
}
