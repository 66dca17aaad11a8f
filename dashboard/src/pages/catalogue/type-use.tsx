import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Answer, Query } from '@velahook/sdk';
import { useAccess, useMay } from '../../access/access.ts';
import { PageLink } from '../../parts/link.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { EventStates } from '../events/event-states.tsx';
import { entriesWanting } from './catalogue-data.ts';

const SUBSCRIPTIONS = '/api/v1/integrations/webhooks';
type Subscription = Answer<'get', typeof SUBSCRIPTIONS>['items'][number];

/** Of the subscriptions with one entry. */
const SUBSCRIBERS_SHOWN = 20;
const EVENTS_SHOWN = 5;

/** Which subscriptions want the type: by its name, or by a pattern that matches it. */
export function Subscribers({ name }: { name: string }) {
  const { client } = useAccess();
  const maySee = useMay('integrations:read');
  const query = useQuery({
    queryKey: ['subscriptions', 'wanting', name],
    enabled: maySee,
    queryFn: async ({ signal }) => {
      // The filter takes an entry as it stands.
      const found = await Promise.all(
        entriesWanting(name).map((eventType) =>
          client.get(SUBSCRIPTIONS, {
            query: { eventType, limit: SUBSCRIBERS_SHOWN } as Query<'get', typeof SUBSCRIPTIONS>,
            signal,
          }),
        ),
      );
      const subscriptions = new Map(found.flatMap(({ items }) => items.map((item) => [item._id, item])));
      const isMore = found.some(({ items, pagination }) => pagination.total > items.length);
      return { subscriptions: [...subscriptions.values()], isMore };
    },
  });
  if (!maySee) return null;
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        Who subscribes
      </Title>
      <Loaded query={query}>
        {({ subscriptions, isMore }) => (
          <>
            {subscriptions.map((subscription) => (
              <Subscriber key={subscription._id} name={name} subscription={subscription} />
            ))}
            {isMore && <Text size="sm">and more</Text>}
            {subscriptions.length === 0 && (
              <Text size="sm" c="dimmed">
                No subscription wants it.
              </Text>
            )}
          </>
        )}
      </Loaded>
    </Stack>
  );
}

function Subscriber({
  name,
  subscription: { _id, url, status, events },
}: {
  name: string;
  subscription: Subscription;
}) {
  const pattern = events.includes(name)
    ? undefined
    : entriesWanting(name).find((entry) => events.includes(entry));
  return (
    <div>
      <Group gap="xs" wrap="nowrap" align="flex-start" justify="space-between">
        <PageLink to="/subscriptions/$id" params={{ id: _id }} size="sm" style={{ overflowWrap: 'anywhere' }}>
          {url.replace('https://', '')}
        </PageLink>
        <Box style={{ flexShrink: 0 }}>
          <StateBadge state={status} />
        </Box>
      </Group>
      {pattern !== undefined && (
        <Text size="xs" c="dimmed">
          by {pattern}
        </Text>
      )}
    </div>
  );
}

/** The newest events of the type, and the way to all of them. */
export function RecentEvents({ name }: { name: string }) {
  const { client } = useAccess();
  const query = useQuery({
    queryKey: ['events', 'recent', name],
    queryFn: async ({ signal }) => {
      const wanted = { eventType: name, limit: EVENTS_SHOWN } as Query<'get', '/api/v1/events'>;
      return (await client.get('/api/v1/events', { query: wanted, signal })).items;
    },
  });
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        Recent events
      </Title>
      <Loaded query={query}>
        {(events) =>
          events.length === 0 ? (
            <Text size="sm" c="dimmed">
              None that is stored is of this type.
            </Text>
          ) : (
            <>
              {events.map((event) => (
                <Group key={event.eventId} gap="xs" justify="space-between">
                  <PageLink to="/events/$id" params={{ id: event.eventId }} size="sm">
                    <Time at={event.createdAt} />
                  </PageLink>
                  <EventStates {...event} />
                </Group>
              ))}
              <PageLink to="/events" search={{ eventType: name }} size="sm" fw={600}>
                All events of this type
              </PageLink>
            </>
          )
        }
      </Loaded>
    </Stack>
  );
}
