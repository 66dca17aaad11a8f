import {
  Accordion,
  Button,
  Group,
  JsonInput,
  PasswordInput,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { mistakesOf } from '../../parts/mistakes.ts';
import { NumberField } from '../../parts/number-field.tsx';
import { Loaded, Problem } from '../../parts/problem.tsx';
import { EventPicker } from './event-picker.tsx';
import { FilterTest } from './filter-test.tsx';
import { HeaderFields } from './header-fields.tsx';
import { useEventTypes, type Subscription } from './subscription-data.ts';
import { UrlField } from './url-field.tsx';

const TIMEOUT_MS_DEFAULT = 10_000;

/** What the form holds: as the API takes it, but for the filter, which is text while it is written. */
export interface Draft {
  url: string;
  events: string[];
  description: string;
  active: boolean;
  timeoutMs: number | null;
  rateLimit: number | null;
  ordered: boolean;
  ed25519: boolean;
  headers: Record<string, string>;
  filterText: string;
  /** Only of a new one; later it is rotated. */
  secret: string;
}

export function draftOf(known?: Subscription): Draft {
  return {
    url: known?.url ?? '',
    events: [...(known?.events ?? [])],
    description: known?.description ?? '',
    active: known?.active ?? true,
    timeoutMs: known?.timeoutMs ?? TIMEOUT_MS_DEFAULT,
    rateLimit: known?.rateLimit ?? null,
    ordered: known?.ordered ?? false,
    ed25519: known?.ed25519 ?? false,
    headers: { ...known?.headers },
    filterText: known?.filter == null ? '' : JSON.stringify(known.filter, null, 2),
    secret: '',
  };
}

/** The fields as the API takes them. Throws a `SyntaxError` where the filter is no JSON. */
export function fieldsOf(draft: Draft) {
  const { filterText, description, headers, secret, url, timeoutMs, ...others } = draft;
  return {
    ...others,
    url: url.trim(),
    timeoutMs: timeoutMs ?? TIMEOUT_MS_DEFAULT,
    description: description === '' ? null : description,
    headers: Object.keys(headers).length === 0 ? null : headers,
    filter: filterText.trim() === '' ? null : (JSON.parse(filterText) as Record<string, unknown>),
    ...(secret !== '' && { secret }),
  };
}

/** What was changed here, as the API takes it: what somebody else has changed meanwhile stays. */
export function changesOf(before: Draft, after: Draft): Partial<ReturnType<typeof fieldsOf>> {
  const [old, fields] = [fieldsOf(before), fieldsOf(after)];
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name as keyof typeof old]),
    ),
  );
}

interface SubscriptionFormProps {
  initial: Draft;
  isNew: boolean;
  submitLabel: string;
  save: (draft: Draft, before: Draft) => Promise<void>;
  cancel: () => void;
}

/** Creates or changes a subscription; what the server finds wrong stands at its field. */
export function SubscriptionForm({ initial, isNew, submitLabel, save, cancel }: SubscriptionFormProps) {
  const [before] = useState(initial);
  const [draft, setDraft] = useState(before);
  const types = useEventTypes();
  // What was sent may have secrets in it.
  const saving = useMutation({ mutationFn: (sent: Draft) => save(sent, before), gcTime: 0 });
  const wrong = mistakesOf(saving.error);
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    saving.mutate(draft);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw={760}>
        <UrlField
          value={draft.url}
          onChange={(url) => set({ url })} // What was wrong with another one is not wrong with this.
          error={saving.variables?.url === draft.url ? wrong('url') : undefined}
        />
        <Loaded query={types}>
          {(found) => (
            <EventPicker
              types={found}
              value={draft.events}
              onChange={(events) => set({ events })}
              error={wrong('events')}
            />
          )}
        </Loaded>
        <TextInput
          label="Description"
          maxLength={255}
          value={draft.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
          error={wrong('description')}
        />
        <Switch
          label="Active"
          description="While it is not, matching events are recorded as skipped, and can be replayed"
          checked={draft.active}
          onChange={(event) => set({ active: event.currentTarget.checked })}
        />
        <Accordion variant="contained">
          <Accordion.Item value="more">
            <Accordion.Control>Signing, limits, headers and filter</Accordion.Control>
            <Accordion.Panel>
              <More {...{ draft, set, wrong, isNew }} />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
        {saving.isError && <Problem title="It was not saved" error={saving.error} />}
        <Group>
          <Button type="submit" loading={saving.isPending}>
            {submitLabel}
          </Button>
          <Button variant="default" onClick={cancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface MoreProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  wrong: (field: string) => string | undefined;
  isNew: boolean;
}

function More({ draft, set, wrong, isNew }: MoreProps) {
  return (
    <Stack>
      {isNew && (
        <PasswordInput
          label="Signing secret"
          description="Left empty, one is generated and shown once"
          autoComplete="off"
          value={draft.secret}
          onChange={(event) => set({ secret: event.currentTarget.value })}
          error={wrong('secret')}
        />
      )}
      <Switch
        label="Sign with ed25519 as well (v1a)"
        checked={draft.ed25519}
        onChange={(event) => set({ ed25519: event.currentTarget.checked })}
      />
      <Group grow align="flex-start">
        <NumberField
          label="Timeout, in milliseconds"
          placeholder={String(TIMEOUT_MS_DEFAULT)}
          min={1_000}
          max={30_000}
          step={1_000}
          value={draft.timeoutMs}
          onChange={(timeoutMs) => set({ timeoutMs })}
          error={wrong('timeoutMs')}
        />
        <NumberField
          label="Attempts per second at most"
          placeholder="As many as it takes"
          min={1}
          value={draft.rateLimit}
          onChange={(rateLimit) => set({ rateLimit })}
          error={wrong('rateLimit')}
        />
      </Group>
      <Switch
        label="Ordered"
        description="One at a time, in the order of publishing; a failing one holds back the later ones of its key"
        checked={draft.ordered}
        onChange={(event) => set({ ordered: event.currentTarget.checked })}
      />
      <HeaderFields value={draft.headers} onChange={(headers) => set({ headers })} error={wrong('headers')} />
      <JsonInput
        label="Filter"
        description='Conditions on data, such as {"amount": {"$gte": 100}}; events that do not match make no delivery'
        autosize
        minRows={3}
        validationError="This is no JSON yet"
        value={draft.filterText}
        onChange={(filterText) => set({ filterText })}
        error={wrong('filter')}
      />
      <FilterTest text={draft.filterText} events={draft.events} />
      <Text size="xs" c="dimmed">
        How filters are written is in the documentation, under “Filters”.
      </Text>
    </Stack>
  );
}
