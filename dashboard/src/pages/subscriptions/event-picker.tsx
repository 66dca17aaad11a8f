import { Accordion, Badge, Checkbox, Group, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import type { EventType } from './subscription-data.ts';

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
          w={300}
          error={error}
        />
        <Checkbox label="All event types (*)" checked={chosen.has('*')} onChange={() => toggle('*')} />
      </Group>
      <Chosen value={value} onRemove={remove} />
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
      {categories.length === 0 && <Text size="sm">No event type of the catalogue matches.</Text>}
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
          {members.map(({ name, description, deprecated }) => (
            <Checkbox
              key={name}
              label={deprecated ? `${name} (deprecated)` : name}
              description={description}
              checked={isWhole || chosen.has('*') || chosen.has(name)}
              disabled={isWhole || chosen.has('*')}
              onChange={() => toggle(name)}
            />
          ))}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
