import { PageLink } from '../../parts/link.tsx';
import { useSubscription } from './subscription-data.ts';

/** A subscription of which only the id is known: by its URL, once that is read and as long as there is one. */
export function SubscriptionLink({ id }: { id: string }) {
  const { data } = useSubscription(id);
  return (
    <PageLink to="/subscriptions/$id" params={{ id }} size="sm" fw={600}>
      {data?.url.replace('https://', '') ?? id}
    </PageLink>
  );
}
