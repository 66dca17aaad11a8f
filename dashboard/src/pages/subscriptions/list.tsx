import { Badge, Group, Pagination, Table, Text } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Answer, Query } from '@velahook/sdk';
import { useAccess, useMay } from '../../access/access.ts';
import { Empty } from '../../parts/empty.tsx';
import { FilterBar, type FilterField } from '../../parts/filters.tsx';
import { PageButton, PageLink } from '../../parts/link.tsx';
import { formatCount, formatRate } from '../../parts/numbers.ts';
import { Page } from '../../parts/page.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';

const route = getRouteApi('/subscriptions');
const PATH = '/api/v1/integrations/webhooks';
type Item = Answer<'get', typeof PATH>['items'][number];

const FIELDS: readonly FilterField<'search' | 'active' | 'eventType'>[] = [
  { name: 'search', label: 'Search', placeholder: 'URL or description' },
  {
    name: 'active',
    label: 'State',
    options: [
      { value: 'true', label: 'active' },
      { value: 'false', label: 'not active' },
    ],
  },
  { name: 'eventType', label: 'With the event type', placeholder: 'crm.*' },
];
const ITEMS_PER_PAGE = 50;
const REFRESH_MS = 30_000;
/** More are told by their number. */
const EVENTS_SHOWN = 2;

/** All subscriptions of the workspace, and how each fares. */
export function SubscriptionList() {
  const { client } = useAccess();
  const { page: asked = '1', ...filters } = route.useSearch();
  const page = Math.max(1, Math.trunc(Number(asked)) || 1);
  const navigate = route.useNavigate();
  const mayWrite = useMay('integrations:write');
  const query = useQuery({
    queryKey: ['subscriptions', 'list', filters, page],
    queryFn: ({ signal }) =>
      client.get(PATH, {
        query: { ...filters, page, limit: ITEMS_PER_PAGE, include: 'health' } as unknown as Query<
          'get',
          typeof PATH
        >,
        signal,
      }),
    placeholderData: keepPreviousData,
    // How they fare is not told by the live stream.
    refetchInterval: REFRESH_MS,
  });
  return (
    <Page
      title="Subscriptions"
      actions={
        mayWrite && (
          <PageButton to="/subscriptions/new" leftSection={<IconPlus size={16} />}>
            New subscription
          </PageButton>
        )
      }
    >
      <FilterBar
        fields={FIELDS}
        values={filters}
        onChange={(search) => void navigate({ to: '.', search, replace: true })}
      />
      <Loaded query={query}>
        {({ items, pagination }) =>
          items.length === 0 ? (
            <None isFiltered={Object.keys(filters).length > 0} mayWrite={mayWrite} />
          ) : (
            <>
              <Rows items={items} />
              <Group justify="space-between">
                <Text size="sm" c="dimmed">
                  {formatCount(pagination.total)} in all
                </Text>
                {pagination.totalPages > 1 && (
                  <Pagination
                    total={pagination.totalPages}
                    value={page}
                    onChange={(next) =>
                      void navigate({ to: '.', search: { ...filters, page: String(next) } })
                    }
                    getControlProps={(control) => ({ 'aria-label': `${control} page` })}
                  />
                )}
              </Group>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function None({ isFiltered, mayWrite }: { isFiltered: boolean; mayWrite: boolean }) {
  return (
    <Empty icon={IconWebhook} title="No subscription">
      {isFiltered ? (
        'None matches these filters.'
      ) : (
        <>
          A subscription is an HTTPS address and the event types that it wants.{' '}
          {mayWrite && <PageLink to="/subscriptions/new">Make the first one</PageLink>}
        </>
      )}
    </Empty>
  );
}

function Rows({ items }: { items: readonly Item[] }) {
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table verticalSpacing="sm" highlightOnHover withTableBorder aria-label="Subscriptions">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="34%">Receiver</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Event types</Table.Th>
            <Table.Th style={{ whiteSpace: 'nowrap' }}>Last 24 hours</Table.Th>
            <Table.Th ta="right">Success</Table.Th>
            <Table.Th ta="right">Waiting</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Row key={item._id} item={item} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ item: { _id, url, description, status, events, health } }: { item: Item }) {
  return (
    <Table.Tr>
      <Table.Td maw={340}>
        <PageLink
          to="/subscriptions/$id"
          params={{ id: _id }}
          size="sm"
          fw={600}
          style={{ overflowWrap: 'anywhere' }}
        >
          {url.replace('https://', '')}
        </PageLink>
        <Text size="xs" c="dimmed" truncate>
          {description}
        </Text>
      </Table.Td>
      <Table.Td>
        <StateBadge state={status} />
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {events.slice(0, EVENTS_SHOWN).map((type) => (
            <Badge key={type} variant="default" tt="none" fw={500}>
              {type}
            </Badge>
          ))}
          {events.length > EVENTS_SHOWN && <Text size="xs">and {events.length - EVENTS_SHOWN} more</Text>}
        </Group>
      </Table.Td>
      <Table.Td>
        {health !== undefined && (
          <Sparkline label={`Deliveries by hour, of the last 24 hours, to ${url}`} series={health.series} />
        )}
      </Table.Td>
      <Table.Td ta="right">{formatRate(health?.successRate ?? null)}</Table.Td>
      <Table.Td ta="right">
        {health === undefined
          ? '–'
          : `${formatCount(health.backlog.pending)}${health.backlog.isMore ? '+' : ''}`}
      </Table.Td>
    </Table.Tr>
  );
}
