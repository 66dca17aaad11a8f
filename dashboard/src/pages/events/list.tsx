import { IconActivity } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import type { Answer, Query } from '@velahook/sdk';
import { useAccess } from '../../access/access.ts';
import { CursorList, useCursorQuery, type Column } from '../../parts/cursor-list.tsx';
import { Empty } from '../../parts/empty.tsx';
import { FilterBar, type FilterField } from '../../parts/filters.tsx';
import { PageLink } from '../../parts/link.tsx';
import { Page } from '../../parts/page.tsx';
import { STATE_OPTIONS } from '../../parts/state-options.ts';
import { Time } from '../../parts/time.tsx';
import { EventStates } from './event-states.tsx';

const route = getRouteApi('/events');
type Event = Answer<'get', '/api/v1/events'>['items'][number];

const FIELDS: readonly FilterField<'eventType' | 'state' | 'since' | 'until'>[] = [
  { name: 'eventType', label: 'Event type', placeholder: 'crm.lead.created' },
  { name: 'state', label: 'With a delivery that is', options: STATE_OPTIONS },
  { name: 'since', label: 'Since', type: 'instant' },
  { name: 'until', label: 'Until', type: 'instant' },
];

const COLUMNS: readonly Column<Event>[] = [
  {
    label: 'Event type',
    width: 'minmax(0, 1.6fr)',
    cell: ({ eventId, eventType, origin }) => (
      <>
        <PageLink to="/events/$id" params={{ id: eventId }} size="sm" fw={600}>
          {eventType}
        </PageLink>
        {origin !== 'published' && ` (${origin})`}
      </>
    ),
  },
  { label: 'Deliveries', width: '190px', narrow: '96px', cell: (event) => <EventStates {...event} /> },
  {
    label: 'What became of it',
    width: 'minmax(0, 3fr)',
    isExtra: true,
    cell: ({ summary }) => <span title={summary}>{summary}</span>,
  },
  { label: 'Published', width: '110px', narrow: '74px', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

/** What was published, newest first, and what became of each. */
export function EventList() {
  const { client } = useAccess();
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const query = useCursorQuery<Event>(['events', 'list', filters], (cursor, signal) =>
    client.get('/api/v1/events', {
      query: { ...filters, ...cursor } as Query<'get', '/api/v1/events'>,
      signal,
    }),
  );
  return (
    <Page title="Events">
      <FilterBar
        fields={FIELDS}
        values={filters}
        onChange={(search) => void navigate({ to: '.', search, replace: true })}
      />
      <CursorList
        query={query}
        label="Events"
        columns={COLUMNS}
        keyOf={({ eventId }) => eventId}
        empty={
          <Empty icon={IconActivity} title="No event">
            {Object.keys(filters).length > 0
              ? 'None matches these filters.'
              : 'Events are published with POST /api/v1/events; or send a test event from a subscription.'}
          </Empty>
        }
      />
    </Page>
  );
}
