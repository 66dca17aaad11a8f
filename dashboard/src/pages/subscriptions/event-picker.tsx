import { Accordion, Badge, Button, Checkbox, Group, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import type { EventType } from './subscription-data.ts';

/** What the workspace is told of its own subscriptions: only whoever names it gets it, `*` does not. */
const RESERVED = 'webhook.';

/** Of an event type, or of all of a category, whether the catalogue has it or not. */
const NAME_FORM = /^[a-z0-9_]+(\.[a-z0-9_]+)*\.(\*|[a-z0-9_]+)$/;

interface EventPickerProps {
  types: readonly EventType[];
  /** Event types and patterns: `*`, `crm.*`. */
  value: readonly string[];
  onChange: (value: string[]) => void;
  error?: string | undefined;
}

/** Event types by category: each, a whole category, or everything. */
export function EventPicker({ types, value, onChange, error }: EventPickerProps) {
  const [search, setSearch] = useState('');
  const searchField = useRef<HTMLInputElement>(null);
  const wanted = search.trim().toLowerCase();
  const categories = useMemo(() => {
    const found = types.filter(
      ({ name, description }) => name.includes(wanted) || description.toLowerCase().includes(wanted),
    );
    return [...Map.groupBy(found, ({ category }) => category)].sort(([a], [b]) => a.localeCompare(b));
  }, [types, wanted]);
  const chosen = new Set(value);
  const toggle = (entry: string): void => {
    onChange(chosen.has(entry) ? value.filter((each) => each !== entry) : [...value, entry]);
  };
  const remove = (entry: string): void => {
    toggle(entry);
    // What had the focus is gone.
    searchField.current?.focus();
  };
  const known = new Set(types.map(({ name }) => name));
  const isName = NAME_FORM.test(wanted) && !chosen.has(wanted) && !known.has(wanted);
  const add = (): void => {
    toggle(wanted);
    setSearch('');
    searchField.current?.focus();
  };
  const others = value.filter((entry) => entry !== '*' && !entry.endsWith('.*') && !known.has(entry));
  return (
    <Stack gap="xs" role="group" aria-label="Event types">
      <Group justify="space-between" align="flex-end">
        <TextInput
          ref={searchField}
          label="Event types"
          description="Single ones, whole categories, or all"
          placeholder="Search"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            // It looks for something; to save is another button.
            event.preventDefault();
            if (isName) add();
          }}
          w={300}
          error={error}
        />
        <Checkbox
          label="All event types (*)"
          description="Those about webhooks themselves (webhook.*) are chosen by name"
          checked={chosen.has('*')}
          onChange={() => toggle('*')}
        />
      </Group>
      <Chosen value={value} onRemove={remove} />
      {isName && (
        <Button variant="default" size="xs" w="fit-content" onClick={add}>
          Add “{wanted}” as it is
        </Button>
      )}
      {others.length > 0 && (
        <Text size="xs" c="dimmed">
          Not in the catalogue: {others.join(', ')}
        </Text>
      )}
      <ScrollArea.Autosize mah={380} type="auto" tabIndex={-1}>
        <Accordion
          multiple
          variant="contained"
          {...(wanted !== '' && { value: categories.map(([category]) => category) })}
        >
          {categories.map(([category, members]) => (
            <Category key={category} {...{ category, members, chosen, toggle }} />
          ))}
        </Accordion>
      </ScrollArea.Autosize>
      {categories.length === 0 && types.length > 0 && (
        <Text size="sm">No event type of the catalogue matches.</Text>
      )}
    </Stack>
  );
}

function Chosen({ value, onRemove }: { value: readonly string[]; onRemove: (entry: string) => void }) {
  if (value.length === 0) return null;
  return (
    <Group gap={4} aria-label="Chosen" role="list">
      {value.map((entry) => (
        <Badge
          key={entry}
          role="listitem"
          variant="default"
          tt="none"
          size="lg"
          fw={500}
          rightSection={
            <button
              type="button"
              aria-label={`Remove ${entry}`}
              onClick={() => onRemove(entry)}
              style={{ background: 'none', border: 0, color: 'inherit', cursor: 'pointer', padding: '0 2px' }}
            >
              ×
            </button>
          }
        >
          {entry}
        </Badge>
      ))}
    </Group>
  );
}

interface CategoryProps {
  category: string;
  members: readonly EventType[];
  chosen: ReadonlySet<string>;
  toggle: (entry: string) => void;
}

function Category({ category, members, chosen, toggle }: CategoryProps) {
  // The names of a category's types need not begin with its own.
  const pattern = members.every(({ name }) => name.startsWith(`${category}.`)) ? `${category}.*` : null;
  const isWhole = pattern !== null && chosen.has(pattern);
  const count = members.filter(({ name }) => chosen.has(name)).length;
  return (
    <Accordion.Item value={category}>
      <Accordion.Control>
        <Group gap="sm">
          <Text fw={600} size="sm">
            {category}
          </Text>
          <Text size="xs" c="dimmed">
            {isWhole ? 'all' : count > 0 ? `${count} of ${members.length}` : members.length}
          </Text>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="xs">
          {pattern !== null && (
            <Checkbox
              label={`All of ${category} (${pattern}), those to come included`}
              checked={isWhole}
              onChange={() => toggle(pattern)}
            />
          )}
          {members.map(({ name, description, deprecated }) => {
            const isIncluded = isWhole || (chosen.has('*') && !name.startsWith(RESERVED));
            return (
              <Checkbox
                key={name}
                label={deprecated ? `${name} (deprecated)` : name}
                description={description}
                checked={isIncluded || chosen.has(name)}
                disabled={isIncluded}
                onChange={() => toggle(name)}
              />
            );
          })}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
