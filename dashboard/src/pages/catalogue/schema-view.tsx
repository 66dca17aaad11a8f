import { SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { CodeBlock } from '../../parts/code-block.tsx';
import type { EventType } from './catalogue-data.ts';
import { fieldsOf, type SchemaField } from './schema-fields.ts';

/** Of one level, in pixels. */
const INDENT_PX = 18;

/** What is in `data`: as a table for reading, or the JSON Schema itself. */
export function SchemaView({ schema }: { schema: EventType['schema'] }) {
  const [form, setForm] = useState<'fields' | 'schema'>('fields');
  const fields = useMemo(() => (schema === null ? [] : fieldsOf(schema)), [schema]);
  if (schema === null)
    return (
      <Text size="sm" c="dimmed">
        No schema says what is in it.
      </Text>
    );
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label="How the fields are shown"
        size="xs"
        w="fit-content"
        value={form}
        onChange={(chosen) => setForm(chosen as typeof form)}
        data={[
          { value: 'fields', label: 'Fields' },
          { value: 'schema', label: 'JSON Schema' },
        ]}
      />
      {form === 'schema' ? (
        <CodeBlock label="JSON Schema" text={JSON.stringify(schema, null, 2)} />
      ) : fields.length === 0 ? (
        <Text size="sm" c="dimmed">
          Its schema names no fields.
        </Text>
      ) : (
        <FieldTable fields={fields} />
      )}
    </Stack>
  );
}

function FieldTable({ fields }: { fields: readonly SchemaField[] }) {
  return (
    <Table.ScrollContainer
      minWidth={560}
      // It scrolls, so it must be reachable by keyboard.
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
    >
      <Table withTableBorder aria-label="Fields of data">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Type</Table.Th>
            <Table.Th>Required</Table.Th>
            <Table.Th>Description</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map(({ path, name, depth, type, isRequired, description, limits }) => (
            <Table.Tr key={path}>
              <Table.Td pl={`calc(var(--mantine-spacing-xs) + ${depth * INDENT_PX}px)`}>
                <Text size="sm" ff="monospace" fw={600}>
                  {name}
                </Text>
              </Table.Td>
              <Table.Td>{type}</Table.Td>
              <Table.Td>{isRequired ? 'yes' : 'no'}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {description}
                {limits !== '' && (
                  <Text size="xs" c="dimmed">
                    {limits}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
