import { Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { useAccess } from '../../access/access.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { mistakesOf } from '../../parts/mistakes.ts';
import { Problem } from '../../parts/problem.tsx';
import { ScopeField, SCOPES, type Scope } from '../../parts/scope-field.tsx';

/** Makes a token, and shows it the only time that it can be shown. */
export function CreateToken({ opened, close }: { opened: boolean; close: () => void }) {
  const { client, workspaceId } = useAccess();
  const queries = useQueryClient();
  const creating = useMutation({
    mutationFn: async ({ name, scopes, expiresOn, mode }: Draft) => {
      const { token } = await client.post('/api/v1/tokens', {
        body: { workspaceId, name, scopes, mode, expiresAt: expiresOn === '' ? null : endOf(expiresOn) },
      });
      return token;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
    // Gone from memory with the page.
    gcTime: 0,
  });
  const end = (): void => {
    creating.reset();
    close();
  };
  const made = creating.data;
  return (
    <Dialog
      opened={opened}
      onClose={end}
      size="lg"
      title={made === undefined ? 'New token' : 'The token is made'}
      closeOnClickOutside={made === undefined}
    >
      {made === undefined ? (
        <Form isPending={creating.isPending} error={creating.error} create={creating.mutate} cancel={end} />
      ) : (
        <Stack>
          <Alert icon={<IconKey aria-hidden />} title={`“${made.name}”, shown this once`}>
            <Stack gap="xs">
              <Text size="sm">Only a hash of it is kept. Put it where it is used before you close this.</Text>
              <CodeBlock label="Token" text={made.token} />
            </Stack>
          </Alert>
          <Text size="sm">
            It calls the API with <code>x-workspace-id: {workspaceId}</code>.
          </Text>
          <Group justify="flex-end">
            <Button onClick={end}>Done</Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

interface Draft {
  name: string;
  scopes: Scope[];
  /** A day, as the browser's field has it; empty: it does not expire. */
  expiresOn: string;
  mode: 'live' | 'test';
}

interface FormProps {
  isPending: boolean;
  error: Error | null;
  create: (draft: Draft) => void;
  cancel: () => void;
}

function Form({ isPending, error, create, cancel }: FormProps) {
  const [draft, setDraft] = useState<Draft>({ name: '', scopes: [], expiresOn: '', mode: 'live' });
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));
  const wrong = mistakesOf(error);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    create(draft);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label="Name"
          description="What it is for"
          required
          data-autofocus
          maxLength={100}
          value={draft.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          error={wrong('name')}
        />
        <ScopeField
          offered={SCOPES}
          value={draft.scopes}
          onChange={(scopes) => set({ scopes })}
          error={wrong('scopes')}
        />
        <Group grow align="flex-start">
          <TextInput
            type="date"
            label="Good until the end of"
            description="Left empty, it does not expire"
            value={draft.expiresOn}
            onChange={(event) => set({ expiresOn: event.currentTarget.value })}
            error={wrong('expiresAt')}
          />
          <Select
            label="Begins with"
            description="Both do the same"
            data={[
              { value: 'live', label: 'sk_live_' },
              { value: 'test', label: 'sk_test_' },
            ]}
            value={draft.mode}
            onChange={(mode) => set({ mode: mode === 'test' ? 'test' : 'live' })}
            allowDeselect={false}
          />
        </Group>
        {error !== null && <Problem title="It was not made" error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={cancel}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The last moment of a day, on the reader's clock. */
function endOf(day: string): string {
  return new Date(`${day}T23:59:59.999`).toISOString();
}
