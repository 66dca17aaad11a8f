import { Alert, Badge, Button, Group, Menu, Stack, Tabs, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconBan,
  IconDots,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconSend,
  IconTrash,
} from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useRef } from 'react';
import { useMay } from '../../access/access.ts';
import { Facts } from '../../parts/cursor-list.tsx';
import { PageButton, PageLink } from '../../parts/link.tsx';
import { Page } from '../../parts/page.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { DeliveryTable, useDeliveries } from '../deliveries/delivery-table.tsx';
import { DeleteSubscription } from './delete-subscription.tsx';
import { ReactivateAndReplay, ReplayMissed } from './missed.tsx';
import { SecretPanel } from './secret-panel.tsx';
import { StatisticsPanel } from './statistics-panel.tsx';
import { useChangeSubscription, useSubscription, type Subscription } from './subscription-data.ts';
import { TestEvent } from './test-event.tsx';

const route = getRouteApi('/subscriptions/$id');
const trail = [
  <PageLink key="subscriptions" to="/subscriptions" size="sm">
    Subscriptions
  </PageLink>,
];

/** One subscription: how it fares, what was sent to it, and all that can be done with it. */
export function SubscriptionDetail() {
  const { id } = route.useParams();
  const query = useSubscription(id);
  if (query.data === undefined)
    return (
      <Page title={id} trail={trail}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  return <Shown subscription={query.data} />;
}

function Shown({ subscription }: { subscription: Subscription }) {
  const mayReadDeliveries = useMay('deliveries:read');
  const { tab = mayReadDeliveries ? 'deliveries' : 'settings' } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('integrations:write');
  return (
    <Page
      title={subscription.url.replace('https://', '')}
      beside={<StateBadge state={subscription.status} />}
      trail={trail}
      actions={mayWrite && <Actions subscription={subscription} />}
    >
      {!subscription.active && <WhyInactive subscription={subscription} />}
      {subscription.warnings.map((warning) => (
        <Alert key={warning} color="yellow">
          {warning}
        </Alert>
      ))}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(chosen) =>
          void navigate({ to: '.', search: chosen === null ? {} : { tab: chosen }, replace: true })
        }
      >
        <Tabs.List mb="md">
          {mayReadDeliveries && <Tabs.Tab value="deliveries">Deliveries</Tabs.Tab>}
          <Tabs.Tab value="statistics">Statistics</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
          {mayWrite && <Tabs.Tab value="secret">Signing secret</Tabs.Tab>}
        </Tabs.List>
        {mayReadDeliveries && (
          <Tabs.Panel value="deliveries">
            <ItsDeliveries id={subscription._id} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="statistics">
          <StatisticsPanel id={subscription._id} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <Facts rows={factsOf(subscription)} />
        </Tabs.Panel>
        {mayWrite && (
          <Tabs.Panel value="secret">
            <SecretPanel subscription={subscription} />
          </Tabs.Panel>
        )}
      </Tabs>
    </Page>
  );
}

function ItsDeliveries({ id }: { id: string }) {
  const query = useDeliveries({ subscriptionId: id });
  return (
    <DeliveryTable
      query={query}
      without={['Receiver']}
      empty={
        <Text c="dimmed" size="sm">
          Nothing was sent to it yet. Send a test event to see one arrive.
        </Text>
      }
    />
  );
}

const REASONS: Readonly<Record<string, string>> = {
  gone: 'The receiver answered 410: it wants no more.',
  failing: 'No attempt has succeeded for a long time, and many deliveries have failed.',
};

/** Why nothing is sent to it, and how that ends: with what it missed, or without. */
function WhyInactive({ subscription }: { subscription: Subscription }) {
  const { _id, status, deactivatedAt, deactivationReason } = subscription;
  const mayWrite = useMay('integrations:write');
  const changing = useChangeSubscription(_id);
  const isDeactivated = status === 'deactivated';
  return (
    <Alert
      color={isDeactivated ? 'red' : 'gray'}
      icon={isDeactivated ? <IconBan aria-hidden /> : <IconPlayerPause aria-hidden />}
      title={isDeactivated ? 'It was deactivated' : 'It is switched off'}
    >
      <Stack gap="xs">
        <Text size="sm">
          {isDeactivated ? REASONS[deactivationReason ?? ''] : 'Somebody has switched it off.'} What matches
          meanwhile is recorded as skipped, and can be replayed.{' '}
          {deactivatedAt !== null && (
            <>
              Since <Time at={deactivatedAt} />.
            </>
          )}
        </Text>
        {mayWrite && (
          <Group>
            <Button
              size="xs"
              leftSection={<IconPlayerPlay size={14} />}
              loading={changing.isPending}
              onClick={() => changing.mutate({ active: true })}
            >
              Reactivate
            </Button>
            <ReactivateAndReplay subscription={subscription} />
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

function Actions({ subscription }: { subscription: Subscription }) {
  const { _id: id, active } = subscription;
  const changing = useChangeSubscription(id);
  const [isTesting, testing] = useDisclosure();
  const [isReplaying, replaying] = useDisclosure();
  const [isDeleting, deleting] = useDisclosure();
  const mayReplay = useMay('deliveries:write');
  const mayTest = useMay('events:read');
  const more = useRef<HTMLButtonElement>(null);
  return (
    <>
      <PageButton to="/subscriptions/$id/edit" params={{ id }} variant="default">
        Edit
      </PageButton>
      {mayTest && (
        <Button leftSection={<IconSend size={16} />} disabled={!active} onClick={testing.open}>
          Send a test event
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button ref={more} variant="default" px="xs" aria-label="More actions">
            <IconDots size={18} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={active ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
            onClick={() => changing.mutate({ active: !active })}
          >
            {active ? 'Switch off' : 'Reactivate'}
          </Menu.Item>
          {mayReplay && active && (
            <Menu.Item leftSection={<IconRefresh size={16} />} onClick={replaying.open}>
              Replay what it missed
            </Menu.Item>
          )}
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={deleting.open}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <TestEvent subscription={subscription} opened={isTesting} close={testing.close} />
      <ReplayMissed
        subscription={subscription}
        opened={isReplaying}
        close={replaying.close}
        returnTo={more}
      />
      <DeleteSubscription
        subscription={subscription}
        opened={isDeleting}
        close={deleting.close}
        returnTo={more}
      />
    </>
  );
}

function factsOf(subscription: Subscription): (readonly [string, React.ReactNode])[] {
  const { events, filter, headers, rateLimit, publicKey } = subscription;
  return [
    ['Id', subscription._id],
    ['URL', subscription.url],
    ['Description', subscription.description ?? '–'],
    [
      'Event types',
      <Group key="events" gap={4}>
        {events.map((type) => (
          <Badge key={type} variant="default" tt="none" fw={500}>
            {type}
          </Badge>
        ))}
      </Group>,
    ],
    ['Timeout', `${subscription.timeoutMs} ms`],
    ['Rate limit', rateLimit === null ? 'none' : `${rateLimit} attempts per second`],
    ['Ordered', subscription.ordered ? 'yes' : 'no'],
    ['Extra headers', Object.keys(headers).length === 0 ? 'none' : Object.keys(headers).join(', ')],
    ['Filter', filter === null ? 'none' : JSON.stringify(filter)],
    ['Public key (v1a)', publicKey ?? '–'],
    ['Created', <Time key="created" at={subscription.createdAt} />],
    ['Changed', <Time key="changed" at={subscription.updatedAt} />],
  ];
}
