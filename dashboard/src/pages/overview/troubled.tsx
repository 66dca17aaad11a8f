import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Answer, Query } from '@velahook/sdk';
import { useAccess } from '../../access/access.ts';
import { PageLink } from '../../parts/link.tsx';
import { formatCount, formatRate } from '../../parts/numbers.ts';
import { Loaded } from '../../parts/problem.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';

const PATH = '/api/v1/integrations/webhooks';
/** The most that the API gives at once. */
const PER_PAGE = 100;
/** As many as a workspace may have unless its installation allows more. */
const PAGES_MAX = 10;
const SHOWN_MAX = 8;
const REFRESH_MS = 60_000;
/** Of a day: below it somebody should look. */
const GOOD_RATE = 0.99;

type Page = Answer<'get', typeof PATH>;
type Health = NonNullable<Page['items'][number]['health']>;

/** Deactivated, failing for good too often, or with something waiting and nothing got through in the last two hours. */
function isTroubled({ status, health }: Page['items'][number]): boolean {
  return status === 'deactivated' || (health !== undefined && fails(health));
}

function fails(health: Health): boolean {
  return isStuck(health) || (health.successRate ?? 1) < GOOD_RATE;
}

function isStuck({ backlog, series }: Health): boolean {
  return backlog.pending > 0 && series.slice(-2).every(({ succeeded }) => succeeded === 0);
}

/** Subscriptions that somebody should look at: deactivated ones, and those that fail. */
export function Troubled() {
  const { client } = useAccess();
  const query = useQuery({
    queryKey: ['subscriptions', 'troubled'],
    queryFn: async ({ signal }) => {
      const items: Page['items'] = [];
      for (let page = 1, pages = 1; page <= Math.min(pages, PAGES_MAX); page++) {
        const query = { page, limit: PER_PAGE, include: 'health' } as Query<'get', typeof PATH>;
        const found = await client.get(PATH, { query, signal });
        items.push(...found.items);
        pages = found.pagination.totalPages;
      }
      return items.filter(isTroubled);
    },
    // How they fare is not told by the live stream.
    refetchInterval: REFRESH_MS,
  });
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        Subscriptions to look at
      </Title>
      <Loaded query={query}>
        {(troubled) => {
          if (troubled.length === 0)
            return (
              <Group gap="xs" c="dimmed">
                <IconCircleCheck size={18} aria-hidden />
                <Text size="sm">
                  None is deactivated or stuck, and each has had at least 99 % success in the last 24 hours.
                </Text>
              </Group>
            );
          const shown = troubled.slice(0, SHOWN_MAX).map(({ _id: id, url, status, health }) => (
            <Paper key={id} withBorder p="sm">
              <Group justify="space-between">
                <PageLink
                  to="/subscriptions/$id"
                  params={{ id }}
                  size="sm"
                  fw={600}
                  style={{ overflowWrap: 'anywhere' }}
                >
                  {url.replace('https://', '')}
                </PageLink>
                <Group>
                  {health !== undefined && (
                    <Sparkline label={`Deliveries by hour to ${url}`} series={health.series} />
                  )}
                  {health !== undefined && isStuck(health) && (
                    <Text size="sm">
                      {formatCount(health.backlog.pending)}
                      {health.backlog.isMore && '+'} waiting, none got through in two hours
                    </Text>
                  )}
                  <Text size="sm" miw={52} ta="right">
                    {formatRate(health?.successRate ?? null)}
                  </Text>
                  <StateBadge state={status} />
                </Group>
              </Group>
            </Paper>
          ));
          return (
            <>
              {shown}
              {troubled.length > SHOWN_MAX && (
                <Text size="sm" c="dimmed">
                  and {troubled.length - SHOWN_MAX} more
                </Text>
              )}
            </>
          );
        }}
      </Loaded>
    </Stack>
  );
}
