import { Alert, Button, Checkbox, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { VelahookError } from '@velahook/sdk';
import { useState, type SubmitEvent } from 'react';
import { useAccess } from '../../access/access.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { mistakesOf } from '../../parts/mistakes.ts';
import { noticeDone } from '../../parts/notice.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useJobsChanged } from './job-data.ts';

const NUMBER_FORM = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Begins an erasure, once it was understood that nothing brings back what it takes. */
export function StartErasure({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Dialog opened={opened} onClose={close} size="lg" title="Erase what mentions somebody">
      <Form close={close} />
    </Dialog>
  );
}

function Form({ close }: { close: () => void }) {
  const { client } = useAccess();
  const changed = useJobsChanged();
  const [path, setPath] = useState('');
  const [value, setValue] = useState('');
  const [kind, setKind] = useState<'string' | 'number'>('string');
  const [isUnderstood, setUnderstood] = useState(false);
  const isNoNumber = kind === 'number' && value !== '' && !NUMBER_FORM.test(value.trim());
  const starting = useMutation({
    mutationFn: async () => {
      // As text, so that a big number stays what it is.
      const sought = kind === 'number' ? value.trim() : JSON.stringify(value);
      const response = await client.send('POST', '/api/v1/erasures', {
        headers: { 'content-type': 'application/json' },
        body: `{"path":${JSON.stringify(path.trim())},"value":${sought}}`,
      });
      if (!response.ok) throw await VelahookError.of(response);
    },
    onSuccess: async () => {
      close();
      noticeDone('The erasure has begun.');
      await changed();
    },
    // It is personal data: gone from memory with the page.
    gcTime: 0,
  });
  const wrong = mistakesOf(starting.error);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    starting.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="This is for good">
          Every event published until now that has the value at that place loses its payload, the response
          bodies of its attempts go, and what is pending of it is cancelled. Neither a replay nor anything
          else brings it back. What receivers have got, and your backups, it does not reach.
        </Alert>
        <TextInput
          label="Where in data the value is"
          description="A path: $.customer.id, $.lines[*].email, $['odd name']"
          placeholder="$.customer.id"
          required
          data-autofocus
          autoComplete="off"
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          error={wrong('path')}
        />
        <TextInput
          label="Value"
          description="Compared exactly; it is forgotten when the job ends"
          required
          autoComplete="off"
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          error={isNoNumber ? 'This is no number' : wrong('value')}
        />
        <Group gap="sm">
          <Text size="sm">It is</Text>
          <SegmentedControl
            aria-label="Whether the value is a text or a number"
            size="xs"
            value={kind}
            onChange={(chosen) => setKind(chosen as typeof kind)}
            data={[
              { value: 'string', label: 'a text' },
              { value: 'number', label: 'a number' },
            ]}
          />
        </Group>
        <Checkbox
          label="I understand that this cannot be undone"
          checked={isUnderstood}
          onChange={(event) => setUnderstood(event.currentTarget.checked)}
        />
        {starting.isError && <Problem title="It was not begun" error={starting.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            color="red.9"
            disabled={!isUnderstood || path.trim() === '' || value === '' || isNoNumber}
            loading={starting.isPending}
          >
            Erase for good
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
