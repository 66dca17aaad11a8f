import { Alert, Button, Group, JsonInput, Select, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { VelahookError, type Answer } from '@velahook/sdk';
import { useState } from 'react';
import { useAccess } from '../../access/access.ts';
import { useListsChanged } from '../../parts/cursor-list.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { PageLink } from '../../parts/link.tsx';
import { Loaded, Problem } from '../../parts/problem.tsx';
import { useEventTypes, type EventType, type Subscription } from './subscription-data.ts';

type Sent = Answer<'post', '/api/v1/integrations/webhooks/{id}/test'>;

interface TestEventProps {
  subscription: Subscription;
  opened: boolean;
  close: () => void;
}

/** Sends an event of a chosen type, with the example of the catalogue to begin with. */
export function TestEvent({ subscription, opened, close }: TestEventProps) {
  const types = useEventTypes();
  return (
    <Dialog opened={opened} onClose={close} title="Send a test event" size="lg">
      <Loaded query={types}>{(found) => <Form {...{ subscription, close }} types={found} />}</Loaded>
    </Dialog>
  );
}

function Form({ subscription: { _id, events }, types, close }: FormProps) {
  const { client } = useAccess();
  const changed = useListsChanged();
  // What it wants comes first; an operational event is not for sending.
  const names = types.map(({ name }) => name).filter((name) => !name.startsWith('webhook.'));
  const [eventType, setEventType] = useState(names.find((name) => isWanted(name, events)) ?? names[0] ?? '');
  const [text, setText] = useState(() => exampleOf(types, eventType));
  const sending = useMutation({
    mutationFn: async (): Promise<Sent> => {
      // As text, so that big numbers stay what they are.
      const response = await client.send('POST', `/api/v1/integrations/webhooks/${_id}/test`, {
        headers: { 'content-type': 'application/json' },
        body: `{"eventType":${JSON.stringify(eventType)},"data":${text}}`,
      });
      if (!response.ok) throw await VelahookError.of(response);
      return ((await response.json()) as { data: Sent }).data;
    },
    onSuccess: () => changed('deliveries'),
  });
  const choose = (name: string | null): void => {
    if (name === null) return;
    setEventType(name);
    setText(exampleOf(types, name));
    sending.reset();
  };
  if (sending.data !== undefined) return <Done sent={sending.data} close={close} again={sending.reset} />;
  return (
    <Stack>
      <Select
        label="Event type"
        data={names}
        value={eventType}
        onChange={choose}
        searchable
        allowDeselect={false}
      />
      <JsonInput
        label="Data"
        description="The example of the catalogue; change it as you like"
        autosize
        minRows={6}
        maxRows={18}
        validationError="This is no JSON yet"
        value={text}
        onChange={setText}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
      />
      {sending.isError && <Problem title="It was not sent" error={sending.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button loading={sending.isPending} onClick={() => sending.mutate()}>
          Send
        </Button>
      </Group>
    </Stack>
  );
}

interface FormProps {
  subscription: Subscription;
  types: readonly EventType[];
  close: () => void;
}

function Done({
  sent: { delivery, warnings },
  close,
  again,
}: {
  sent: Sent;
  close: () => void;
  again: () => void;
}) {
  return (
    <Stack>
      <Text size="sm">It is on its way: it is delivered and retried as any other event.</Text>
      {warnings.map((warning) => (
        <Alert key={warning} color="yellow">
          {warning}
        </Alert>
      ))}
      <PageLink to="/deliveries/$id" params={{ id: delivery._id }} onClick={close} fw={600}>
        See what becomes of it
      </PageLink>
      <Group justify="flex-end">
        <Button variant="default" onClick={again}>
          Another
        </Button>
        <Button onClick={close}>Close</Button>
      </Group>
    </Stack>
  );
}

function exampleOf(types: readonly EventType[], name: string): string {
  return JSON.stringify(types.find((type) => type.name === name)?.example ?? {}, null, 2);
}

function isWanted(name: string, events: readonly string[]): boolean {
  return events.some(
    (entry) =>
      entry === '*' || entry === name || (entry.endsWith('.*') && name.startsWith(entry.slice(0, -1))),
  );
}
