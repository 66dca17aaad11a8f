import { Alert, Button, Grid, Group, Select, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconTrash, IconWebhook } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useAccess, useMay } from '../../access/access.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Facts } from '../../parts/cursor-list.tsx';
import { PageButton, PageLink } from '../../parts/link.tsx';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { Time } from '../../parts/time.tsx';
import {
  useCatalogueChanged,
  useEventType,
  useMayChangeCatalogue,
  VALIDATION_OPTIONS,
  type EventType,
  type ValidationMode,
} from './catalogue-data.ts';
import { EventTypeEditor } from './event-type-editor.tsx';
import { TypeBadges } from './list.tsx';
import { SchemaView } from './schema-view.tsx';
import { RecentEvents, Subscribers } from './type-use.tsx';
import { Verification } from './verification.tsx';

const route = getRouteApi('/catalogue/$name');
const trail = [
  <PageLink key="catalogue" to="/catalogue" size="sm">
    Event catalogue
  </PageLink>,
];

/** One event type: when it is published, what is in it, who wants it, and how its receiver verifies it. */
export function EventTypePage() {
  const { name } = route.useParams();
  const query = useEventType(name);
  if (query.data === undefined)
    return (
      <Page title={name} trail={trail}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  return <Shown eventType={query.data} />;
}

function Shown({ eventType }: { eventType: EventType }) {
  const { name, description, example, warnings } = eventType;
  return (
    <Page
      title={name}
      beside={<TypeBadges {...eventType} />}
      trail={trail}
      actions={<Actions eventType={eventType} />}
    >
      <Deprecation eventType={eventType} />
      {warnings.map((warning) => (
        <Alert key={warning} color="yellow">
          {warning}
        </Alert>
      ))}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="xl">
            {description !== '' && <Text>{description}</Text>}
            <Section title="Fields of data">
              <SchemaView schema={eventType.schema} />
            </Section>
            <Section title="Example of data">
              {example === null ? (
                <Text size="sm" c="dimmed">
                  There is none.
                </Text>
              ) : (
                <CodeBlock label="Example" text={JSON.stringify(example, null, 2)} />
              )}
            </Section>
            <Section title="Verify it">
              <Verification />
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="xl">
            <About eventType={eventType} />
            <Subscribers name={name} />
            <RecentEvents name={name} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

function Deprecation({ eventType: { deprecated, deprecationNote, replacedBy } }: { eventType: EventType }) {
  if (!deprecated) return null;
  return (
    <Alert
      color="yellow"
      title="It is deprecated"
      icon={<IconAlertTriangle aria-hidden />}
      // Yellow on yellow cannot be read.
      styles={{ title: { color: 'inherit' } }}
    >
      {deprecationNote ?? 'It is still delivered; do not build on it.'}{' '}
      {replacedBy !== null && (
        <>
          Use{' '}
          <PageLink to="/catalogue/$name" params={{ name: replacedBy }} size="sm" fw={600}>
            {replacedBy}
          </PageLink>{' '}
          instead.
        </>
      )}
    </Alert>
  );
}

function About({ eventType }: { eventType: EventType }) {
  const { category, builtIn, effectiveValidation, createdAt, updatedAt } = eventType;
  const mayChange = useMayChangeCatalogue();
  const rows: (readonly [string, ReactNode])[] = [
    ['Category', category],
    ['Origin', builtIn ? 'built in' : "the workspace's own"],
    ['Validation', effectiveValidation],
    ...(createdAt === null ? [] : [['Created', <Time key="created" at={createdAt} />] as const]),
    ...(updatedAt === null ? [] : [['Changed', <Time key="changed" at={updatedAt} />] as const]),
  ];
  return (
    <Stack gap="sm">
      <Facts rows={rows} />
      {mayChange && <Validation eventType={eventType} />}
    </Stack>
  );
}

/** Stands for the workspace's default, which the API says as null. */
const AS_DEFAULT = 'default';

/** Of a built-in type too: the only thing about it that a workspace decides. */
function Validation({ eventType: { name, validation } }: { eventType: EventType }) {
  const { client } = useAccess();
  const changed = useCatalogueChanged();
  const changing = useMutation({
    mutationFn: (mode: ValidationMode | null) =>
      client.patch('/api/v1/event-types/{name}', { path: { name }, body: { validation: mode } }),
    onSuccess: async () => {
      await changed();
      noticeDone('It holds for what is published from now on.');
    },
    onError: noticeProblem,
  });
  return (
    <Select
      label="Events that do not fit the schema"
      data={[{ value: AS_DEFAULT, label: 'As set for all event types' }, ...VALIDATION_OPTIONS]}
      value={validation ?? AS_DEFAULT}
      onChange={(chosen) => changing.mutate(chosen === AS_DEFAULT ? null : (chosen as ValidationMode | null))}
      allowDeselect={false}
      disabled={changing.isPending}
    />
  );
}

function Actions({ eventType }: { eventType: EventType }) {
  const { name, builtIn } = eventType;
  const maySubscribe = useMay('integrations:write');
  const mayChange = useMayChangeCatalogue();
  const [isEditing, editing] = useDisclosure();
  const [isDeleting, deleting] = useDisclosure();
  return (
    <>
      {mayChange && !builtIn && (
        <Group gap="xs">
          <Button variant="default" onClick={editing.open}>
            Change
          </Button>
          <Button variant="default" leftSection={<IconTrash size={16} />} onClick={deleting.open}>
            Delete
          </Button>
          <EventTypeEditor eventType={eventType} opened={isEditing} close={editing.close} />
          <DeleteType name={name} opened={isDeleting} close={deleting.close} />
        </Group>
      )}
      {maySubscribe && (
        <PageButton
          to="/subscriptions/new"
          search={{ eventType: name }}
          leftSection={<IconWebhook size={16} />}
        >
          Subscribe to it
        </PageButton>
      )}
    </>
  );
}

function DeleteType({ name, opened, close }: { name: string; opened: boolean; close: () => void }) {
  const { client } = useAccess();
  const navigate = useNavigate();
  const changed = useCatalogueChanged();
  const deleting = useMutation({
    mutationFn: () => client.delete('/api/v1/event-types/{name}', { path: { name } }),
    onSuccess: async () => {
      noticeDone('The event type is deleted.');
      await navigate({ to: '/catalogue' });
      await changed();
    },
    onError: noticeProblem,
  });
  return (
    <Confirm
      title="Delete this event type?"
      opened={opened}
      close={close}
      keepLabel="Keep it"
      doLabel="Delete"
      isPending={deleting.isPending}
      onConfirm={() => deleting.mutate()}
    >
      {name} is then an unknown event type. Subscriptions that name it stay as they are, and so do the events
      that were published.
    </Confirm>
  );
}
