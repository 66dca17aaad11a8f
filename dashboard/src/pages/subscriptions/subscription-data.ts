import { useMutation, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { Answer } from '@velahook/sdk';
import { useAccess, useMay } from '../../access/access.ts';
import { useListsChanged } from '../../parts/cursor-list.tsx';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';

export type Subscription = Answer<'get', '/api/v1/integrations/webhooks/{id}'>['subscription'];
export type EventType = Answer<'get', '/api/v1/event-types'>['items'][number];

/** One subscription. */
export function useSubscription(id: string): UseQueryResult<Subscription> {
  const { client } = useAccess();
  return useQuery({
    queryKey: ['subscriptions', 'one', id],
    queryFn: async ({ signal }) =>
      (await client.get('/api/v1/integrations/webhooks/{id}', { path: { id }, signal })).subscription,
  });
}

/** The whole catalogue: a few hundred types at most, in pages of a hundred; none for whoever may not read it. */
export function useEventTypes(): UseQueryResult<EventType[]> {
  const { client } = useAccess();
  const mayRead = useMay('events:read');
  return useQuery({
    queryKey: ['event-types', 'all'],
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const types: EventType[] = [];
      for (let page = 1, pages = mayRead ? 1 : 0; page <= pages; page++) {
        const { items, pagination } = await client.get('/api/v1/event-types', {
          query: { page, limit: 100 },
          signal,
        });
        types.push(...items);
        pages = pagination.totalPages;
      }
      return types;
    },
  });
}

/** To be called when subscriptions were changed here: the page does not wait for the live stream. */
export function useSubscriptionsChanged(): () => Promise<void> {
  const changed = useListsChanged();
  return async () => {
    // A delivery tells the state of its subscription.
    void changed('deliveries', 'missed');
    await changed('subscriptions');
  };
}

/** Switches a subscription on or off. */
export function useChangeSubscription(id: string) {
  const { client } = useAccess();
  const changed = useSubscriptionsChanged();
  return useMutation({
    mutationFn: (body: { active: boolean }) =>
      client.patch('/api/v1/integrations/webhooks/{id}', { path: { id }, body }),
    onSuccess: ({ subscription: { active } }) => {
      noticeDone(active ? 'It is active again.' : 'It is switched off; what was pending is cancelled.');
      return changed();
    },
    onError: noticeProblem,
  });
}
