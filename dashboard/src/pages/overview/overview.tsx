import { Paper, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import type { Answer } from '@velahook/sdk';
import { useMemo, type ReactNode } from 'react';
import { useAccess, useMay } from '../../access/access.ts';
import { PageLink } from '../../parts/link.tsx';
import { formatCount, formatRate, formatShort } from '../../parts/numbers.ts';
import { Page } from '../../parts/page.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { formatMs, formatMsPair, Time } from '../../parts/time.tsx';
import { TimeChart, type ChartLine } from '../../parts/time-chart.tsx';
import { navigationOf } from '../../shell/navigation.ts';
import { Troubled } from './troubled.tsx';

const route = getRouteApi('/');
type Stats = Answer<'get', '/api/v1/stats'>['stats'];
type WindowName = Stats['window'];

const WINDOWS: { value: WindowName; label: string }[] = [
  { value: '1h', label: 'Hour' },
  { value: '24h', label: 'Day' },
  { value: '7d', label: 'Week' },
];
/** Other nodes' counts come that often; what happens here is told by the live stream. */
const REFRESH_MS = 30_000;

const GREEN = ['#1b7f4b', '#52c587'] as const;
const RED = ['#c92a2a', '#ff8787'] as const;
const BLUE = ['#1864ab', '#74c0fc'] as const;
const ORANGE = ['#a34a00', '#ffb066'] as const;

/** The first page; whoever may not see its figures begins with what he may see. */
export function Overview() {
  const [first] = navigationOf(useAccess());
  return first === undefined || first.to === '/' ? <Figures /> : <Navigate to={first.to} replace />;
}

/** How the workspace fares, at a glance. */
function Figures() {
  const { client } = useAccess();
  const { window: asked } = route.useSearch();
  const navigate = route.useNavigate();
  const name = WINDOWS.find(({ value }) => value === asked)?.value ?? '24h';
  const query = useQuery({
    queryKey: ['stats', 'workspace', name],
    queryFn: async ({ signal }) =>
      (await client.get('/api/v1/stats', { query: { window: name }, signal })).stats,
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  const maySeeSubscriptions = useMay('integrations:read');
  return (
    <Page
      title="Overview"
      actions={
        <SegmentedControl
          aria-label="Time"
          data={WINDOWS}
          value={name}
          onChange={(window) => void navigate({ to: '.', search: { window }, replace: true })}
        />
      }
    >
      <Loaded query={query}>{(stats) => <Shown stats={stats} />}</Loaded>
      {maySeeSubscriptions && <Troubled />}
    </Page>
  );
}

function Shown({ stats }: { stats: Stats }) {
  const { totals, series, backlog } = stats;
  const at = useMemo(() => series.map((point) => new Date(point.at).getTime()), [series]);
  const flow = useMemo<ChartLine[]>(
    () => [
      { label: 'Published', colors: BLUE, values: series.map(({ published }) => published), dash: [6, 4] },
      { label: 'Delivered', colors: GREEN, values: series.map(({ succeeded }) => succeeded), isArea: true },
      {
        label: 'Failed attempts',
        colors: ORANGE,
        values: series.map(({ failedAttempts }) => failedAttempts),
        dash: [2, 3],
      },
      { label: 'Failed', colors: RED, values: series.map(({ failed }) => failed) },
    ],
    [series],
  );
  const latency = useMemo<ChartLine[]>(
    () => [
      { label: 'p50', colors: BLUE, values: series.map(({ latencyMs }) => latencyMs.p50) },
      { label: 'p95', colors: ORANGE, values: series.map(({ latencyMs }) => latencyMs.p95), dash: [6, 4] },
    ],
    [series],
  );
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }}>
        <Figure label="Events published" value={formatCount(totals.published)} />
        <Figure label="Delivered" value={formatCount(totals.succeeded)} />
        <Figure
          label="Failed for good"
          value={formatCount(totals.failed)}
          beside={
            totals.failed > 0 && (
              <PageLink to="/deliveries" search={{ state: 'failed' }} size="xs">
                see them
              </PageLink>
            )
          }
        />
        <Figure label="Success rate" value={formatRate(totals.successRate)} />
        <Figure label="Latency p50 / p95" value={formatMsPair(totals.latencyMs.p50, totals.latencyMs.p95)} />
        <Figure
          label="Waiting"
          value={`${formatCount(backlog.pending)}${backlog.isMore ? '+' : ''}`}
          beside={
            backlog.oldestDueAt !== null && (
              <Text size="xs" c="dimmed">
                oldest due <Time at={backlog.oldestDueAt} />
              </Text>
            )
          }
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Paper withBorder p="md">
          <TimeChart label="Events and deliveries" at={at} lines={flow} format={formatShort} />
        </Paper>
        <Paper withBorder p="md">
          <TimeChart label="Latency of receivers" at={at} lines={latency} format={formatMs} />
        </Paper>
      </SimpleGrid>
    </Stack>
  );
}

function Figure({ label, value, beside }: { label: string; value: string; beside?: ReactNode }) {
  return (
    <Paper withBorder p="md">
      <Text size="xs" c="dimmed" fw={600}>
        {label}
      </Text>
      <Text size="lg" fw={700}>
        {value}
      </Text>
      {beside}
    </Paper>
  );
}
