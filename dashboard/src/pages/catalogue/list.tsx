import { Alert, Badge, Button, Group, Select, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBook2, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useAccess } from '../../access/access.ts';
import { Empty } from '../../parts/empty.tsx';
import { FilterBar, type FilterField } from '../../parts/filters.tsx';
import { PageLink } from '../../parts/link.tsx';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { formatCount } from '../../parts/numbers.ts';
import { Page } from '../../parts/page.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { useEventTypes, type EventType } from '../subscriptions/subscription-data.ts';
import {
  useCatalogueChanged,
  useMayChangeCatalogue,
  VALIDATION_OPTIONS,
  type ValidationMode,
} from './catalogue-data.ts';
import classes from './catalogue.module.css';
import { EventTypeEditor } from './event-type-editor.tsx';
import { ExchangeMenu } from './exchange-menu.tsx';

const route = getRouteApi('/catalogue');

const FIELDS: readonly FilterField<'search'>[] = [
  { name: 'search', label: 'Search', placeholder: 'Name, category or description' },
];

/** All event types that there are to subscribe to: the built-in ones, and the workspace's own. */
export function Catalogue() {
  const { search = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const types = useEventTypes();
  const mayChange = useMayChangeCatalogue();
  return (
    <Page title="Event catalogue" actions={mayChange && <Actions />}>
      <Group justify="space-between" align="flex-end">
        <FilterBar
          fields={FIELDS}
          values={search === '' ? {} : { search }}
          onChange={(values) => void navigate({ to: '.', search: values, replace: true })}
        />
        {mayChange && <ValidationDefault />}
      </Group>
      <Loaded query={types}>{(found) => <Categories types={found} search={search} />}</Loaded>
    </Page>
  );
}

function Categories({ types, search }: { types: readonly EventType[]; search: string }) {
  const wanted = search.trim().toLowerCase();
  const found = useMemo(() => {
    const matching = types.filter(({ name, category, description }) =>
      [name, category, description].some((text) => text.toLowerCase().includes(wanted)),
    );
    const categories = [...Map.groupBy(matching, ({ category }) => category)];
    return categories.sort(([a], [b]) => a.localeCompare(b));
  }, [types, wanted]);
  if (found.length === 0)
    return (
      <Empty icon={IconBook2} title="No event type">
        None has “{search}” in its name, category or description.
      </Empty>
    );
  return (
    <Stack gap="xl">
      {found.map(([category, members]) => (
        <section key={category} aria-labelledby={`category-${category}`}>
          <Group gap="xs" mb="xs">
            <Title order={2} size="h4" id={`category-${category}`}>
              {category}
            </Title>
            <Text size="sm" c="dimmed">
              {formatCount(members.length)}
            </Text>
          </Group>
          <ul className={classes.list}>
            {members.map((type) => (
              <Item key={type.name} type={type} />
            ))}
          </ul>
        </section>
      ))}
    </Stack>
  );
}

function Item({ type: { name, description, deprecated, builtIn } }: { type: EventType }) {
  return (
    <li className={classes.item}>
      <Group gap="xs">
        <PageLink to="/catalogue/$name" params={{ name }} fw={600} size="sm" className={classes.name ?? ''}>
          {name}
        </PageLink>
        <TypeBadges deprecated={deprecated} builtIn={builtIn} />
      </Group>
      <Text size="sm" c="dimmed">
        {description}
      </Text>
    </li>
  );
}

/** What there is to know of a type beside its name: most are built in, and not deprecated. */
export function TypeBadges({ deprecated, builtIn }: Pick<EventType, 'deprecated' | 'builtIn'>) {
  return (
    <>
      {deprecated && (
        <Badge variant="default" tt="none" className={classes.deprecated ?? ''}>
          deprecated
        </Badge>
      )}
      {!builtIn && (
        <Badge variant="default" tt="none">
          your own
        </Badge>
      )}
    </>
  );
}

function Actions() {
  const [isCreating, creating] = useDisclosure();
  return (
    <>
      <ExchangeMenu />
      <Button leftSection={<IconPlus size={16} />} onClick={creating.open}>
        New event type
      </Button>
      <EventTypeEditor opened={isCreating} close={creating.close} />
    </>
  );
}

/** What holds for every type that has no validation of its own. */
function ValidationDefault() {
  const { client } = useAccess();
  const changed = useCatalogueChanged();
  const settings = useQuery({
    queryKey: ['event-types', 'settings'],
    queryFn: async ({ signal }) => (await client.get('/api/v1/event-types/settings', { signal })).settings,
  });
  const changing = useMutation({
    mutationFn: (validation: ValidationMode) =>
      client.patch('/api/v1/event-types/settings', { body: { validation } }),
    onSuccess: async () => {
      await changed();
      noticeDone('It holds for every event type that has no validation of its own.');
    },
    onError: noticeProblem,
  });
  if (settings.isError)
    return (
      <Alert color="red" role="alert">
        How events are validated could not be loaded.
      </Alert>
    );
  return (
    <Select
      label="Events that do not fit their schema"
      data={[...VALIDATION_OPTIONS]}
      value={settings.data?.validation ?? null}
      onChange={(chosen) => chosen !== null && changing.mutate(chosen as ValidationMode)}
      allowDeselect={false}
      disabled={settings.data === undefined || changing.isPending}
      w={280}
    />
  );
}
