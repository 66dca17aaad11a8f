import { Alert, Button, Grid, Group, Stack, Text, Title } from '@mantine/core';
import { IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Answer } from '@velahook/sdk';
import { useAccess, useMay } from '../../access/access.ts';
import { Copy } from '../../parts/code-block.tsx';
import { Facts, useListsChanged } from '../../parts/cursor-list.tsx';
import { PageLink } from '../../parts/link.tsx';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useEventText } from '../events/event-text.ts';
import { Payload } from '../events/payload.tsx';
import { Attempts } from './attempts.tsx';
import { Verdict } from './verdict.tsx';

export type DeliveryWithAttempts = Answer<'get', '/api/v1/deliveries/{id}'>['delivery'];

const route = getRouteApi('/deliveries/$id');
const trail = [
  <PageLink key="deliveries" to="/deliveries" size="sm">
    Deliveries
  </PageLink>,
];

/** One delivery: what became of it and why, each attempt, and what was sent. */
export function DeliveryDetail() {
  const { id } = route.useParams();
  const { client } = useAccess();
  const query = useQuery({
    queryKey: ['deliveries', 'one', id],
    queryFn: async ({ signal }) =>
      (await client.get('/api/v1/deliveries/{id}', { path: { id }, signal })).delivery,
  });
  if (query.data === undefined)
    return (
      <Page title={id} trail={trail}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  return <Shown delivery={query.data} />;
}

function Shown({ delivery }: { delivery: DeliveryWithAttempts }) {
  const mayReadEvents = useMay('events:read');
  const event = useEventText(delivery.eventId, mayReadEvents);
  return (
    <Page
      title={delivery.eventType}
      beside={<StateBadge state={delivery.state} />}
      trail={trail}
      actions={<Actions delivery={delivery} />}
    >
      <Verdict delivery={delivery} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack>
            <Title order={2} size="h4">
              Attempts
            </Title>
            <Attempts delivery={delivery} body={event.data?.body ?? null} />
            {mayReadEvents && (
              <>
                <Title order={2} size="h4">
                  Payload
                </Title>
                <Loaded query={event}>{(found) => <Payload event={found} />}</Loaded>
              </>
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Facts rows={factsOf(delivery)} />
        </Grid.Col>
      </Grid>
    </Page>
  );
}

function factsOf(delivery: DeliveryWithAttempts): (readonly [string, React.ReactNode])[] {
  const { _id, eventId, subscriptionId, subscriptionStatus, replayOf } = delivery;
  return [
    ['Delivery', <Id key="id" id={_id} />],
    [
      'Event',
      <PageLink key="event" to="/events/$id" params={{ id: eventId }} size="sm">
        {eventId}
      </PageLink>,
    ],
    [
      'Subscription',
      <Stack key="subscription" gap={4}>
        <PageLink to="/subscriptions/$id" params={{ id: subscriptionId }} size="sm">
          {delivery.url}
        </PageLink>
        <span>
          <StateBadge state={subscriptionStatus} />
        </span>
      </Stack>,
    ],
    ['Created', <Time key="created" at={delivery.createdAt} />],
    ['First attempt', <Time key="first" at={delivery.firstAttemptAt} />],
    ['Ended', <Time key="ended" at={delivery.finishedAt} />],
    ...(replayOf === null
      ? []
      : [
          [
            'Replay of',
            <PageLink key="replay" to="/deliveries/$id" params={{ id: replayOf }} size="sm">
              {replayOf}
            </PageLink>,
          ] as const,
        ]),
  ];
}

function Id({ id }: { id: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
        {id}
      </Text>
      <Copy text={id} label="Copy id" />
    </Group>
  );
}

function Actions({ delivery: { _id, state, subscriptionStatus } }: { delivery: DeliveryWithAttempts }) {
  const { client } = useAccess();
  const changed = useListsChanged();
  const navigate = useNavigate();
  const mayWrite = useMay('deliveries:write');
  const replaying = useMutation({
    mutationFn: () => client.post('/api/v1/deliveries/{id}/replay', { path: { id: _id } }),
    onSuccess: ({ delivery }) => {
      noticeDone('It is delivered again, as a new delivery.');
      void changed('deliveries');
      void navigate({ to: '/deliveries/$id', params: { id: delivery._id } });
    },
    onError: noticeProblem,
  });
  const cancelling = useMutation({
    mutationFn: () => client.post('/api/v1/deliveries/{id}/cancel', { path: { id: _id } }),
    onSuccess: () => {
      noticeDone('It is cancelled; it can be replayed.');
      void changed('deliveries');
    },
    onError: noticeProblem,
  });
  if (!mayWrite) return null;
  const isPending = state === 'pending' || state === 'delivering';
  return (
    <>
      {isPending && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} />}
          loading={cancelling.isPending}
          onClick={() => cancelling.mutate()}
        >
          Cancel
        </Button>
      )}
      <Button
        leftSection={<IconRefresh size={16} />}
        loading={replaying.isPending}
        disabled={subscriptionStatus !== 'active'}
        title={subscriptionStatus === 'active' ? undefined : 'Activate the subscription first'}
        onClick={() => replaying.mutate()}
      >
        {isPending ? 'Deliver now' : 'Replay'}
      </Button>
      {subscriptionStatus === 'deleted' && <Alert>Its subscription was deleted.</Alert>}
    </>
  );
}
