import { Alert, SegmentedControl, Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import { CodeBlock } from '../../parts/code-block.tsx';
import { layOut } from '../../parts/exact-json.ts';
import { formatInstant } from '../../parts/time.tsx';
import type { EventText } from './event-text.ts';

/** What was published: laid out for reading, or byte for byte as receivers get it. */
export function Payload({ event: { event, data, body } }: { event: EventText }) {
  const [form, setForm] = useState<'read' | 'raw'>('read');
  const text = useMemo(() => (form === 'read' ? layOut(data) : body), [form, data, body]);
  if (event.erasedAt !== null)
    return <Alert color="gray">The payload was erased on {formatInstant(event.erasedAt)}.</Alert>;
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label="How the payload is shown"
        size="xs"
        w="fit-content"
        value={form}
        onChange={(chosen) => setForm(chosen as typeof form)}
        data={[
          { value: 'read', label: 'Data, laid out' },
          { value: 'raw', label: 'Body, as sent' },
        ]}
      />
      <CodeBlock label="Payload" text={text} />
    </Stack>
  );
}
