import { Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useAccess } from '../../access/access.ts';
import { Facts } from '../../parts/cursor-list.tsx';
import { formatCount, formatRate } from '../../parts/numbers.ts';
import { Loaded } from '../../parts/problem.tsx';
import { formatMs, Time } from '../../parts/time.tsx';

const WINDOWS = [
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
] as const;

/** How a subscription fares, over an hour, a day and a week. */
export function StatisticsPanel({ id }: { id: string }) {
  const { client } = useAccess();
  const query = useQuery({
    queryKey: ['stats', 'subscription', id],
    queryFn: async ({ signal }) =>
      (await client.get('/api/v1/integrations/webhooks/{id}/stats', { path: { id }, signal })).stats,
  });
  return (
    <Loaded query={query}>
      {({ windows, backlog }) => (
        <Stack>
          <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <Table withTableBorder aria-label="Statistics">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Time</Table.Th>
                  <Table.Th ta="right">Delivered</Table.Th>
                  <Table.Th ta="right">Failed</Table.Th>
                  <Table.Th ta="right">Success</Table.Th>
                  <Table.Th ta="right">Latency p50</Table.Th>
                  <Table.Th ta="right">p95</Table.Th>
                  <Table.Th>Failed attempts</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {WINDOWS.map(([name, label]) => {
                  const { succeeded, failed, successRate, latencyMs, attempts } = windows[name];
                  return (
                    <Table.Tr key={name}>
                      <Table.Th>{label}</Table.Th>
                      <Table.Td ta="right">{formatCount(succeeded)}</Table.Td>
                      <Table.Td ta="right">{formatCount(failed)}</Table.Td>
                      <Table.Td ta="right">{formatRate(successRate)}</Table.Td>
                      <Table.Td ta="right">{formatMs(latencyMs.p50)}</Table.Td>
                      <Table.Td ta="right">{formatMs(latencyMs.p95)}</Table.Td>
                      <Table.Td>{failuresOf(attempts)}</Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          <Facts
            rows={[
              ['Waiting', `${formatCount(backlog.pending)}${backlog.isMore ? ' or more' : ''}`],
              ['Oldest due', <Time key="due" at={backlog.oldestDueAt} />],
            ]}
          />
          <Text size="xs" c="dimmed">
            Latencies are those of attempts that were answered. Counts of other nodes come within half a
            minute.
          </Text>
        </Stack>
      )}
    </Loaded>
  );
}

function failuresOf(attempts: Record<string, number>): string {
  const there = Object.entries(attempts).filter(([outcome, count]) => outcome !== 'success' && count > 0);
  if (there.length === 0) return 'none';
  return there.map(([outcome, count]) => `${formatCount(count)} ${outcome.replaceAll('_', ' ')}`).join(', ');
}
