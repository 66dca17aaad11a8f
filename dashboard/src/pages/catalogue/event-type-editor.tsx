import { Button, Group, JsonInput, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type SubmitEvent } from 'react';
import { useAccess } from '../../access/access.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { mistakesOf } from '../../parts/mistakes.ts';
import { noticeDone } from '../../parts/notice.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useCatalogueChanged, type EventType } from './catalogue-data.ts';

interface EventTypeEditorProps {
  /** Left out: a new one. */
  eventType?: EventType;
  opened: boolean;
  close: () => void;
}

/** Makes an event type of the workspace, or changes it. */
export function EventTypeEditor({ eventType, opened, close }: EventTypeEditorProps) {
  return (
    <Dialog
      opened={opened}
      onClose={close}
      size="lg"
      title={eventType === undefined ? 'New event type' : `Change ${eventType.name}`}
    >
      <Form {...(eventType !== undefined && { eventType })} close={close} />
    </Dialog>
  );
}

/** As the API takes it, but for schema and example, which are text while they are written. */
interface Draft {
  name: string;
  category: string;
  description: string;
  schemaText: string;
  exampleText: string;
  deprecated: boolean;
  deprecationNote: string;
  replacedBy: string;
}

function draftOf(known?: EventType): Draft {
  return {
    name: known?.name ?? '',
    category: known?.category ?? '',
    description: known?.description ?? '',
    schemaText: textOf(known?.schema),
    exampleText: textOf(known?.example),
    deprecated: known?.deprecated ?? false,
    deprecationNote: known?.deprecationNote ?? '',
    replacedBy: known?.replacedBy ?? '',
  };
}

/** Throws a `SyntaxError` where schema or example are no JSON. */
function fieldsOf({ category, description, deprecated, ...draft }: Draft) {
  return {
    ...(category.trim() !== '' && { category: category.trim() }),
    description,
    schema: jsonOf(draft.schemaText, 'schema'),
    example: jsonOf(draft.exampleText, 'example'),
    deprecated,
    deprecationNote: draft.deprecationNote.trim() === '' ? null : draft.deprecationNote,
    replacedBy: draft.replacedBy.trim() === '' ? null : draft.replacedBy.trim(),
  };
}

function Form({ eventType, close }: { eventType?: EventType; close: () => void }) {
  const { client } = useAccess();
  const navigate = useNavigate();
  const changed = useCatalogueChanged();
  const [draft, setDraft] = useState(() => draftOf(eventType));
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));
  const saving = useMutation({
    mutationFn: async () => {
      const body = fieldsOf(draft);
      const name = eventType?.name ?? draft.name.trim();
      if (eventType === undefined) await client.post('/api/v1/event-types', { body: { name, ...body } });
      else await client.patch('/api/v1/event-types/{name}', { path: { name }, body });
      return name;
    },
    onSuccess: async (name) => {
      await changed();
      close();
      noticeDone(eventType === undefined ? 'The event type is made.' : 'The event type is changed.');
      await navigate({ to: '/catalogue/$name', params: { name } });
    },
  });
  const wrong = mistakesOf(saving.error);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {eventType === undefined && (
          <TextInput
            label="Name"
            description="Two or more parts: service.entity.action"
            placeholder="shop.order.paid"
            required
            data-autofocus
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={wrong('name')}
          />
        )}
        <TextInput
          label="Category"
          description={eventType === undefined ? "Left empty: the name's first part" : undefined}
          value={draft.category}
          onChange={(event) => set({ category: event.currentTarget.value })}
          error={wrong('category')}
        />
        <Textarea
          label="Description"
          description="When the event is published"
          autosize
          minRows={2}
          value={draft.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
          error={wrong('description')}
        />
        <JsonField
          label="Schema"
          description="JSON Schema 2020-12 of data; left empty: none"
          value={draft.schemaText}
          onChange={(schemaText) => set({ schemaText })}
          error={wrong('schema')}
        />
        <JsonField
          label="Example"
          description="What data may look like; it must fit the schema, and test events carry it"
          value={draft.exampleText}
          onChange={(exampleText) => set({ exampleText })}
          error={wrong('example')}
        />
        <Deprecation {...{ draft, set, wrong }} />
        {saving.isError && <Problem title="It was not saved" error={saving.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={saving.isPending}>
            {eventType === undefined ? 'Create' : 'Save'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface DeprecationProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  wrong: (field: string) => string | undefined;
}

function Deprecation({ draft, set, wrong }: DeprecationProps) {
  return (
    <>
      <Switch
        label="Deprecated"
        description="Publishing and subscribing still work, and are answered with a warning"
        checked={draft.deprecated}
        onChange={(event) => set({ deprecated: event.currentTarget.checked })}
      />
      {draft.deprecated && (
        <>
          <TextInput
            label="What to do about it"
            value={draft.deprecationNote}
            onChange={(event) => set({ deprecationNote: event.currentTarget.value })}
            error={wrong('deprecationNote')}
          />
          <TextInput
            label="Replaced by"
            placeholder="shop.order.settled"
            value={draft.replacedBy}
            onChange={(event) => set({ replacedBy: event.currentTarget.value })}
            error={wrong('replacedBy')}
          />
        </>
      )}
    </>
  );
}

interface JsonFieldProps {
  label: string;
  description: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

function JsonField(props: JsonFieldProps) {
  return (
    <JsonInput
      {...props}
      autosize
      minRows={4}
      maxRows={16}
      validationError="This is no JSON yet"
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
    />
  );
}

function textOf(value: EventType['schema'] | undefined): string {
  return value == null ? '' : JSON.stringify(value, null, 2);
}

function jsonOf(text: string, what: string): Record<string, unknown> | null {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new SyntaxError(`The ${what} is no JSON: ${(cause as Error).message}`, { cause });
  }
}
