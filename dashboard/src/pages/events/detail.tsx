import { Alert, Button, Grid, Stack, Text, Title } from '@mantine/core';
import { IconInfoCircle, IconRefresh } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Fragment } from 'react';
import { useAccess, useMay } from '../../access/access.ts';
import { Copy } from '../../parts/code-block.tsx';
import { Facts, useListsChanged } from '../../parts/cursor-list.tsx';
import { PageLink } from '../../parts/link.tsx';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { formatBytes } from '../../parts/numbers.ts';
import { Page } from '../../parts/page.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { Time } from '../../parts/time.tsx';
import { DeliveryTable, useDeliveries } from '../deliveries/delivery-table.tsx';
import { SubscriptionLink } from '../subscriptions/subscription-link.tsx';
import { useEventText, type EventText } from './event-text.ts';
import { Payload } from './payload.tsx';

const route = getRouteApi('/events/$id');
const trail = [
  <PageLink key="events" to="/events" size="sm">
    Events
  </PageLink>,
];

/** One event: what became of it, its deliveries, its payload. */
export function EventDetail() {
  const { id } = route.useParams();
  const query = useEventText(id);
  if (query.data === undefined)
    return (
      <Page title={id} trail={trail}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  return <Shown found={query.data} />;
}

function Shown({ found }: { found: EventText }) {
  const { event } = found;
  const deliveries = useDeliveries({ eventId: event.eventId });
  // Without more to tell, the sentence stands alone.
  const isTold = event.deliveryCount === 0 || event.filteredOut.subscriptionIds.length > 0;
  return (
    <Page title={event.eventType} trail={trail} actions={<ReplayEvent id={event.eventId} />}>
      <Alert color="cyan" icon={<IconInfoCircle aria-hidden />} title={event.summary} data-verdict="event">
        {isTold && (
          <>
            {event.deliveryCount === 0 && <WhyNone event={event} />}
            {event.filteredOut.subscriptionIds.length > 0 && (
              <Text size="sm" component="div">
                Filters kept it from:{' '}
                {event.filteredOut.subscriptionIds.map((id, i) => (
                  <Fragment key={id}>
                    {i > 0 && ', '}
                    <SubscriptionLink id={id} />
                  </Fragment>
                ))}
              </Text>
            )}
          </>
        )}
      </Alert>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack>
            <Title order={2} size="h4">
              Deliveries
            </Title>
            <DeliveryTable
              query={deliveries}
              without={['Attempts', 'Created']}
              empty={<Text c="dimmed">There are none.</Text>}
            />
            <Title order={2} size="h4">
              Payload
            </Title>
            <Payload event={found} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Facts
            rows={[
              [
                'Event',
                <span key="id">
                  {event.eventId} <Copy text={event.eventId} label="Copy id" />
                </span>,
              ],
              [
                'Event type',
                <PageLink key="type" to="/catalogue/$name" params={{ name: event.eventType }} size="sm">
                  {event.eventType}
                </PageLink>,
              ],
              ['Origin', event.origin],
              ['Happened', <Time key="happened" at={event.timestamp} />],
              ['Published', <Time key="published" at={event.createdAt} />],
              ['Ordering key', event.orderingKey ?? '–'],
              ['Size of data', formatBytes(event.dataBytes)],
            ]}
          />
        </Grid.Col>
      </Grid>
    </Page>
  );
}

/** No subscription wanted it: what to look at. */
function WhyNone({ event }: { event: EventText['event'] }) {
  if (event.filteredOut.count > 0) return null;
  return (
    <Text size="sm">
      A subscription gets this event when its event types name <b>{event.eventType}</b>, a wildcard such as{' '}
      <b>{event.eventType.split('.')[0]}.*</b>, or <b>*</b>, and it was there when the event was published.{' '}
      <PageLink to="/subscriptions" size="sm">
        See the subscriptions
      </PageLink>
    </Text>
  );
}

function ReplayEvent({ id }: { id: string }) {
  const { client } = useAccess();
  const changed = useListsChanged();
  const mayWrite = useMay('deliveries:write');
  const replaying = useMutation({
    mutationFn: () => client.post('/api/v1/events/{id}/replay', { path: { id } }),
    onSuccess: ({ deliveries }) => {
      noticeDone(
        deliveries.length === 0
          ? 'No subscription wants it now: there was nobody to deliver it to.'
          : `It is delivered again: ${deliveries.length} new deliveries.`,
      );
      void changed('deliveries', 'events');
    },
    onError: noticeProblem,
  });
  if (!mayWrite) return null;
  return (
    <Button
      leftSection={<IconRefresh size={16} />}
      loading={replaying.isPending}
      onClick={() => replaying.mutate()}
    >
      Replay
    </Button>
  );
}
