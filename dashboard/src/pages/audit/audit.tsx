import { Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import type { Query } from '@velahook/sdk';
import { useAccess } from '../../access/access.ts';
import { CursorList, useCursorQuery, type Column } from '../../parts/cursor-list.tsx';
import { Empty } from '../../parts/empty.tsx';
import { FilterBar, type FilterField } from '../../parts/filters.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { ACTIONS, TargetLink, wordsOf, type AuditEntry } from './target-link.tsx';

const route = getRouteApi('/audit');

const FIELDS: readonly FilterField<'action' | 'targetId'>[] = [
  { name: 'action', label: 'What', options: ACTIONS.map((value) => ({ value, label: wordsOf(value) })) },
  { name: 'targetId', label: 'Of what', placeholder: 'An id, or an event type' },
];

const COLUMNS: readonly Column<AuditEntry>[] = [
  { label: 'When', width: '110px', cell: ({ createdAt }) => <Time at={createdAt} /> },
  { label: 'What', width: 'minmax(0, 1.8fr)', cell: (entry) => <TargetLink entry={entry} /> },
  { label: 'Who', width: 'minmax(0, 1fr)', cell: ({ actor }) => <Who actor={actor} /> },
  {
    label: 'Of what',
    width: '215px',
    isExtra: true,
    cell: ({ targetId }) => (
      <Text size="xs" ff="monospace" truncate title={targetId ?? undefined}>
        {targetId ?? '–'}
      </Text>
    ),
  },
  {
    label: 'Fields',
    width: 'minmax(0, 1fr)',
    isExtra: true,
    cell: ({ fields }) => (
      <span title={fields.join(', ')}>{fields.length === 0 ? '–' : fields.join(', ')}</span>
    ),
  },
  {
    label: 'From',
    width: '130px',
    isExtra: true,
    cell: ({ address, requestId }) => (
      <span title={requestId === null ? undefined : `Request ${requestId}`}>{address ?? '–'}</span>
    ),
  },
];

/** Who changed what, newest first. */
export function Audit() {
  const { client } = useAccess();
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const query = useCursorQuery<AuditEntry>(['audit', filters], (cursor, signal) =>
    client.get('/api/v1/audit', {
      query: { ...filters, ...cursor } as Query<'get', '/api/v1/audit'>,
      signal,
    }),
  );
  return (
    <Page title="Audit log">
      <Text size="sm" c="dimmed">
        Every change through the API, what was done by itself, and each time that a signing secret was shown.
        Values are never written down; entries are kept for 400 days, and cannot be changed.
      </Text>
      <FilterBar
        fields={FIELDS}
        values={filters}
        onChange={(search) => void navigate({ to: '.', search, replace: true })}
      />
      <CursorList
        query={query}
        label="Audit log"
        columns={COLUMNS}
        keyOf={({ _id }) => _id}
        empty={
          <Empty icon={IconHistory} title="No entry">
            {Object.keys(filters).length > 0 ? 'None matches these filters.' : 'Nothing was changed yet.'}
          </Empty>
        }
      />
    </Page>
  );
}

const OTHERS = { admin: 'Administrator', operator: 'Command line', platform: 'Velahook itself' } as const;
const WAYS = { session: 'signed in', portal: 'by a portal link' } as const;

/** A token as it was at that time, and how its word came. */
function Who({ actor }: { actor: AuditEntry['actor'] }) {
  const name = actor.kind === 'token' ? (actor.tokenName ?? actor.tokenPrefix) : OTHERS[actor.kind];
  const way = actor.via === undefined ? '' : WAYS[actor.via];
  return (
    <span title={[actor.tokenPrefix, way].filter(Boolean).join(', ')}>
      {name}
      {way !== '' && (
        <Text size="xs" c="dimmed" span>
          {' '}
          {way}
        </Text>
      )}
    </span>
  );
}
