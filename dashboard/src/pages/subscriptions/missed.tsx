import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useAccess, useMay } from '../../access/access.ts';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { formatCount } from '../../parts/numbers.ts';
import { useSubscriptionsChanged, type Subscription } from './subscription-data.ts';

/** Reactivates a subscription where it is not active, and replays what it has missed. */
export function Missed({ subscription: { _id: id, active } }: { subscription: Subscription }) {
  const { client } = useAccess();
  const queries = useQueryClient();
  const changed = useSubscriptionsChanged();
  const mayReplay = useMay('deliveries:write');
  const missed = useQuery({
    queryKey: ['deliveries', 'missed', id],
    queryFn: ({ signal }) =>
      client.get('/api/v1/integrations/webhooks/{id}/missed', { path: { id }, signal }),
  });
  const replaying = useMutation({
    mutationFn: async (since: string) => {
      if (!active)
        await client.patch('/api/v1/integrations/webhooks/{id}', { path: { id }, body: { active: true } });
      return client.post('/api/v1/integrations/webhooks/{id}/replay', { path: { id }, body: { since } });
    },
    onSuccess: async () => {
      noticeDone('What it missed is being replayed; see “Replays and erasures” for the progress.');
      await Promise.all([changed(), queries.invalidateQueries({ queryKey: ['deliveries'] })]);
    },
    onError: noticeProblem,
  });
  if (!mayReplay || missed.data === undefined || missed.data.missed.count === 0) return null;
  const { count, isMore, since } = missed.data.missed;
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconRefresh size={14} />}
      loading={replaying.isPending}
      onClick={() => replaying.mutate(since)}
    >
      {active ? 'Replay' : 'Reactivate and replay'} what it missed ({formatCount(count)}
      {isMore && '+'})
    </Button>
  );
}
