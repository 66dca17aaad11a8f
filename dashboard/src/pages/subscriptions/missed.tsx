import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Answer } from '@velahook/sdk';
import { useState, type RefObject } from 'react';
import { useAccess, useMay } from '../../access/access.ts';
import { useListsChanged } from '../../parts/cursor-list.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { formatCount } from '../../parts/numbers.ts';
import { Loaded } from '../../parts/problem.tsx';
import { useSubscriptionsChanged, type Subscription } from './subscription-data.ts';

type Missed = Answer<'get', '/api/v1/integrations/webhooks/{id}/missed'>['missed'];

/** In seconds: what can be chosen from, beginning with the one that is offered. */
const PERIODS = [
  { value: '86400', label: 'the last 24 hours' },
  { value: '3600', label: 'the last hour' },
  { value: '604800', label: 'the last 7 days' },
  { value: '2592000', label: 'the last 30 days' },
];

/** `seconds`: back from now; null: since it was deactivated, and before that what the deactivation cancelled. */
function useMissed(id: string, seconds: string | null, enabled: boolean) {
  const { client } = useAccess();
  return useQuery({
    // Not one of the deliveries, which are read again with each attempt: the store looks far back for it.
    queryKey: ['missed', id, seconds],
    queryFn: async ({ signal }) => {
      const since = new Date(Date.now() - Number(seconds) * 1_000).toISOString();
      const query = seconds === null ? {} : { since };
      return (await client.get('/api/v1/integrations/webhooks/{id}/missed', { path: { id }, query, signal }))
        .missed;
    },
    enabled,
  });
}

/** Replays what was missed, of one that is not active after activating it. */
function useReplayMissed({ _id: id, active }: Subscription, onDone: () => void) {
  const { client, kind } = useAccess();
  const changed = useSubscriptionsChanged();
  const listsChanged = useListsChanged();
  return useMutation({
    mutationFn: async (since: string) => {
      if (!active)
        await client.patch('/api/v1/integrations/webhooks/{id}', { path: { id }, body: { active: true } });
      return client.post('/api/v1/integrations/webhooks/{id}/replay', { path: { id }, body: { since } });
    },
    onSuccess: () => {
      noticeDone(
        kind === 'portal'
          ? 'What it missed is being replayed; it comes in the deliveries below.'
          : 'What it missed is being replayed; see “Replays and erasures” for the progress.',
      );
      onDone();
    },
    onError: noticeProblem,
    // It may be active now, though the replay did not begin.
    onSettled: () => Promise.all([changed(), listsChanged('jobs')]),
  });
}

function countOf({ count, isMore }: Missed): string {
  return `${formatCount(count)}${isMore ? '+' : ''}`;
}

/** One click: a subscription that is not active is activated, and what it has missed is replayed. */
export function ReactivateAndReplay({ subscription }: { subscription: Subscription }) {
  const mayReplay = useMay('deliveries:write');
  const missed = useMissed(subscription._id, null, mayReplay);
  const replaying = useReplayMissed(subscription, () => undefined);
  if (missed.data === undefined || missed.data.count === 0) return null;
  const { since } = missed.data;
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconRefresh size={14} />}
      loading={replaying.isPending}
      onClick={() => replaying.mutate(since)}
    >
      Reactivate and replay what it missed ({countOf(missed.data)})
    </Button>
  );
}

interface ReplayMissedProps {
  subscription: Subscription;
  opened: boolean;
  close: () => void;
  returnTo: RefObject<HTMLElement | null>;
}

/** Asks how far back, tells how much that is, and replays it. */
export function ReplayMissed({ subscription, opened, close, returnTo }: ReplayMissedProps) {
  const [seconds, setSeconds] = useState(PERIODS[0]?.value ?? '');
  const missed = useMissed(subscription._id, seconds, opened);
  const replaying = useReplayMissed(subscription, close);
  return (
    <Dialog opened={opened} onClose={close} returnTo={returnTo} title="Replay what it missed">
      <Stack>
        <Select
          label="Published in"
          data={PERIODS}
          value={seconds}
          onChange={(chosen) => chosen !== null && setSeconds(chosen)}
          allowDeselect={false}
        />
        <Loaded query={missed} waiting={<Text size="sm">Counting…</Text>}>
          {(found) => (
            <>
              <Text size="sm" role="status">
                {found.count === 0 ? 'It has missed nothing.' : <WhatIsMissed missed={found} />}
              </Text>
              <Group justify="flex-end">
                <Button variant="default" onClick={close}>
                  Leave it
                </Button>
                <Button
                  disabled={found.count === 0 || missed.isFetching}
                  loading={replaying.isPending}
                  onClick={() => replaying.mutate(found.since)}
                >
                  Replay {countOf(found)}
                </Button>
              </Group>
            </>
          )}
        </Loaded>
      </Stack>
    </Dialog>
  );
}

const WORDS: Readonly<Record<keyof Missed['states'], string>> = {
  failed: 'failed',
  cancelled: 'were cancelled',
  skipped: 'were skipped while it was not active',
  pending: 'wait for a retry, and are made at once instead',
};

function WhatIsMissed({ missed }: { missed: Missed }) {
  const parts = (Object.keys(WORDS) as (keyof Missed['states'])[])
    .filter((state) => missed.states[state] > 0)
    .map((state) => `${formatCount(missed.states[state])} ${WORDS[state]}`);
  return `${countOf(missed)} have not arrived: ${parts.join(', ')}. Each event is delivered once more, oldest first.`;
}
