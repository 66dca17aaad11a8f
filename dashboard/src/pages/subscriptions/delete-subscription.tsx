import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useAccess } from '../../access/access.ts';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { useSubscriptionsChanged, type Subscription } from './subscription-data.ts';

interface DeleteSubscriptionProps {
  subscription: Subscription;
  opened: boolean;
  close: () => void;
}

/** Asks before a subscription goes: it does not come back. */
export function DeleteSubscription({
  subscription: { _id: id, url },
  opened,
  close,
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
    <Modal
      opened={opened}
      onClose={close}
      title="Delete this subscription?"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {url} gets nothing any more, and what is pending for it is cancelled. The record of its deliveries
          stays. To stop it for a while, switch it off instead.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button color="red.9" loading={deleting.isPending} onClick={() => deleting.mutate()}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
