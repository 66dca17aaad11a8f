import { Text } from '@mantine/core';
import type { Answer, Query } from '@velahook/sdk';
import type { ReactNode } from 'react';
import { useAccess } from '../../access/access.ts';
import { CursorList, useCursorQuery, type Column, type CursorQuery } from '../../parts/cursor-list.tsx';
import type { Values } from '../../parts/filters.tsx';
import { PageLink } from '../../parts/link.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Countdown, Time } from '../../parts/time.tsx';

export type DeliveryFilters = Values<
  'state' | 'eventType' | 'subscriptionId' | 'statusCode' | 'since' | 'until' | 'eventId'
>;
export type Delivery = Answer<'get', '/api/v1/deliveries'>['items'][number];

/** Deliveries that match, newest first. */
export function useDeliveries({ statusCode, ...filters }: DeliveryFilters): CursorQuery<Delivery> {
  const { client } = useAccess();
  const wanted = { ...filters, ...(statusCode !== undefined && { statusCode: Number(statusCode) }) };
  return useCursorQuery<Delivery>(['deliveries', 'list', wanted], (cursor, signal) =>
    client.get('/api/v1/deliveries', {
      query: { ...wanted, ...cursor } as Query<'get', '/api/v1/deliveries'>,
      signal,
    }),
  );
}

const COLUMNS: readonly Column<Delivery>[] = [
  {
    label: 'Event',
    width: 'minmax(0, 2fr)',
    cell: ({ _id, eventType }) => (
      <PageLink to="/deliveries/$id" params={{ id: _id }} size="sm" fw={600}>
        {eventType}
      </PageLink>
    ),
  },
  { label: 'State', width: '130px', narrow: '112px', cell: ({ state }) => <StateBadge state={state} /> },
  {
    label: 'Receiver',
    width: 'minmax(0, 2fr)',
    isExtra: true,
    cell: ({ url, subscriptionId }) => (
      <PageLink to="/subscriptions/$id" params={{ id: subscriptionId }} size="sm" c="inherit" title={url}>
        {url.replace('https://', '')}
      </PageLink>
    ),
  },
  { label: 'Attempts', width: '80px', isExtra: true, cell: ({ attemptCount }) => attemptCount },
  {
    label: 'Last answer',
    width: 'minmax(0, 1.4fr)',
    isExtra: true,
    cell: (delivery) => <LastAnswer {...delivery} />,
  },
  { label: 'Created', width: '110px', narrow: '74px', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

interface DeliveryTableProps {
  query: CursorQuery<Delivery>;
  empty: ReactNode;
  /** Columns that would say the same in each row, or find no room. */
  without?: readonly ('Receiver' | 'Attempts' | 'Created')[];
}

/** Rows of deliveries; `empty` where there is none. */
export function DeliveryTable({ query, empty, without = [] }: DeliveryTableProps) {
  return (
    <CursorList
      query={query}
      label="Deliveries"
      columns={COLUMNS.filter(({ label }) => !without.some((one) => one === label))}
      keyOf={({ _id }) => _id}
      empty={empty}
    />
  );
}

function LastAnswer({ lastStatusCode, lastError, lastOutcome, state, nextAttemptAt }: Delivery) {
  if (lastOutcome === null)
    return (
      <Text size="sm" c="dimmed" span>
        {state === 'pending' ? 'not attempted yet' : '–'}
      </Text>
    );
  return (
    <span title={lastError ?? undefined}>
      {lastStatusCode ?? lastOutcome.replaceAll('_', ' ')}
      {state === 'pending' && nextAttemptAt !== null && (
        <Text size="xs" c="dimmed" span>
          {' '}
          again in <Countdown to={nextAttemptAt} />
        </Text>
      )}
    </span>
  );
}
