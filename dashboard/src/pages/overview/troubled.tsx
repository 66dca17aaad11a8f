import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Answer, Query } from '@velahook/sdk';
import { useAccess } from '../../access/access.ts';
import { PageLink } from '../../parts/link.tsx';
import { formatRate } from '../../parts/numbers.ts';
import { Loaded } from '../../parts/problem.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';

const PATH = '/api/v1/integrations/webhooks';
/** Those changed last are looked at: a failing one is deactivated or looked into before long. */
const LOOKED_AT = 100;
const SHOWN_MAX = 8;
/** Of a day: below it somebody should look. */
const GOOD_RATE = 0.99;

type Health = NonNullable<Answer<'get', typeof PATH>['items'][number]['health']>;

/** It fails for good too often, or something waits and nothing has got through in this hour and the one before. */
function isTroubled({ successRate, backlog, series }: Health): boolean {
  const isStuck = backlog.pending > 0 && series.slice(-2).every(({ succeeded }) => succeeded === 0);
  return isStuck || (successRate ?? 1) < GOOD_RATE;
}

/** Subscriptions that somebody should look at: deactivated ones, and those that fail. */
export function Troubled() {
  const { client } = useAccess();
  const query = useQuery({
    queryKey: ['subscriptions', 'troubled'],
    queryFn: ({ signal }) =>
      client.get(PATH, {
        query: { limit: LOOKED_AT, sortBy: 'updatedAt', include: 'health' } as Query<'get', typeof PATH>,
        signal,
      }),
  });
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        Subscriptions to look at
      </Title>
      <Loaded query={query}>
        {({ items }) => {
          const troubled = items
            .filter(
              ({ status, health }) =>
                status === 'deactivated' || (health !== undefined && isTroubled(health)),
            )
            .slice(0, SHOWN_MAX);
          if (troubled.length === 0)
            return (
              <Group gap="xs" c="dimmed">
                <IconCircleCheck size={18} aria-hidden />
                <Text size="sm">
                  None is deactivated, none is stuck, and none has failed in the last 24 hours.
                </Text>
              </Group>
            );
          return troubled.map(({ _id: id, url, status, health }) => (
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
                  <Text size="sm">{formatRate(health?.successRate ?? null)}</Text>
                  <StateBadge state={status} />
                </Group>
              </Group>
            </Paper>
          ));
        }}
      </Loaded>
    </Stack>
  );
}
