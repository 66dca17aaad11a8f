import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { useAccess } from '../../access/access.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { useSubscriptionsChanged, type Subscription } from './subscription-data.ts';

interface DeleteSubscriptionProps {
  subscription: Subscription;
  opened: boolean;
  close: () => void;
  returnTo: RefObject<HTMLElement | null>;
}

/** Asks before a subscription goes: it does not come back. */
export function DeleteSubscription({
  subscription: { _id: id, url },
  opened,
  close,
  returnTo,
}: DeleteSubscriptionProps) {
  const { client } = useAccess();
  const navigate = useNavigate();
  const changed = useSubscriptionsChanged();
  const deleting = useMutation({
    mutationFn: () => client.delete('/api/v1/integrations/webhooks/{id}', { path: { id } }),
    onSuccess: async () => {
      noticeDone('The subscription is deleted.');
      await navigate({ to: '/subscriptions' });
      await changed();
    },
    onError: noticeProblem,
  });
  return (
    <Confirm
      title="Delete this subscription?"
      opened={opened}
      close={close}
      keepLabel="Keep it"
      doLabel="Delete"
      isPending={deleting.isPending}
      onConfirm={() => deleting.mutate()}
      returnTo={returnTo}
    >
      {url} gets nothing any more, and what is pending for it is cancelled. The record of its deliveries
      stays. To stop it for a while, switch it off instead.
    </Confirm>
  );
}
