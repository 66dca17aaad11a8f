import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useRef, useState } from 'react';

/** As many as a subscription may have. */
const HEADERS_MAX = 16;

interface HeaderFieldsProps {
  value: Record<string, string>;
  onChange: (value: Record<string, string>) => void;
  error?: string | undefined;
}

/** Extra headers. Values that are stored are shown as a mask; a mask that is sent back leaves the value as it is. */
export function HeaderFields({ value, onChange, error }: HeaderFieldsProps) {
  // A list while it is written: a name may be empty, or there twice, for a moment.
  const [rows, setRows] = useState(() => Object.entries(value));
  const adding = useRef<HTMLButtonElement>(null);
  const change = (next: [string, string][]): void => {
    setRows(next);
    onChange(Object.fromEntries(next.filter(([name]) => name.trim() !== '').map(([n, v]) => [n.trim(), v])));
  };
  return (
    <Stack gap="xs" role="group" aria-label="Extra headers">
      <Text size="sm" fw={500}>
        Extra headers
      </Text>
      {rows.map(([name, text], i) => (
        // Rows have no other name than their place.
        <Group key={i} gap="xs" wrap="nowrap" align="flex-end">
          <TextInput
            aria-label={`Name of header ${i + 1}`}
            placeholder="X-Api-Key"
            value={name}
            onChange={(event) => change(rows.with(i, [event.currentTarget.value, text]))}
          />
          <TextInput
            aria-label={`Value of header ${i + 1}`}
            placeholder="Value"
            style={{ flex: 1 }}
            value={text}
            onChange={(event) => change(rows.with(i, [name, event.currentTarget.value]))}
          />
          <ActionIcon
            variant="subtle"
            color="red"
            size="lg"
            aria-label={`Remove header ${i + 1}`}
            onClick={() => {
              change(rows.toSpliced(i, 1));
              // What had the focus is gone.
              adding.current?.focus();
            }}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      {error !== undefined && (
        <Text size="xs" c="var(--mantine-color-error)">
          {error}
        </Text>
      )}
      {rows.length < HEADERS_MAX && (
        <Button
          ref={adding}
          variant="default"
          size="xs"
          w="fit-content"
          leftSection={<IconPlus size={14} />}
          onClick={() => change([...rows, ['', '']])}
        >
          Add a header
        </Button>
      )}
    </Stack>
  );
}
