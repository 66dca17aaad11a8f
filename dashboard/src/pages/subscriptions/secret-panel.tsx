import { Alert, Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconEye, IconRotate } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useAccess } from '../../access/access.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { NumberField } from '../../parts/number-field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Countdown, formatInstant } from '../../parts/time.tsx';
import { useSubscriptionsChanged, type Subscription } from './subscription-data.ts';

/** What the receiver verifies with: revealed on demand, and exchanged without an interruption. */
export function SecretPanel({ subscription }: { subscription: Subscription }) {
  const { _id: id, hasSecret, secretHint, rotationEndsAt } = subscription;
  const { client } = useAccess();
  const changed = useSubscriptionsChanged();
  const [isRotating, rotating] = useDisclosure();
  const revealing = useMutation({
    mutationFn: () => client.get('/api/v1/integrations/webhooks/{id}/secret', { path: { id } }),
    onError: noticeProblem,
    // Gone from memory with the page.
    gcTime: 0,
  });
  const finishing = useMutation({
    mutationFn: () =>
      client.post('/api/v1/integrations/webhooks/{id}/secret/rotate/finish', { path: { id } }),
    onSuccess: () => {
      noticeDone('Only the new secret signs now.');
      revealing.reset();
      return changed();
    },
    onError: noticeProblem,
  });
  return (
    <Stack maw={640}>
      <Text size="sm">
        {hasSecret ? 'A secret was configured' : 'A generated key signs'}; it ends in <b>{secretHint}</b>.
      </Text>
      {revealing.data === undefined ? (
        <Group>
          <Button
            variant="default"
            leftSection={<IconEye size={16} />}
            loading={revealing.isPending}
            onClick={() => revealing.mutate()}
          >
            Reveal
          </Button>
          <Text size="xs" c="dimmed">
            This is written into the audit log.
          </Text>
        </Group>
      ) : (
        <>
          <CodeBlock label="Signing secret" text={revealing.data.secret} />
          {revealing.data.previousSecret !== null && (
            <CodeBlock label="Previous signing secret" text={revealing.data.previousSecret} />
          )}
        </>
      )}
      {rotationEndsAt === null ? (
        <Button
          variant="default"
          w="fit-content"
          leftSection={<IconRotate size={16} />}
          onClick={rotating.open}
        >
          Rotate
        </Button>
      ) : (
        <Alert title="A rotation is under way" color="yellow" icon={<IconRotate aria-hidden />}>
          <Stack gap="xs">
            <Text size="sm">
              The old secret signs too for another <Countdown to={rotationEndsAt} />, until{' '}
              {formatInstant(rotationEndsAt)}. Finish it when every receiver has the new one.
            </Text>
            <Button
              size="xs"
              variant="default"
              w="fit-content"
              loading={finishing.isPending}
              onClick={() => finishing.mutate()}
            >
              Finish now
            </Button>
          </Stack>
        </Alert>
      )}
      <Rotate
        id={id}
        opened={isRotating}
        close={rotating.close}
        onRotated={() => {
          revealing.reset();
          void changed();
        }}
      />
    </Stack>
  );
}

interface RotateProps {
  id: string;
  opened: boolean;
  close: () => void;
  onRotated: () => void;
}

function Rotate({ id, opened, close, onRotated }: RotateProps) {
  const { client } = useAccess();
  const [secret, setSecret] = useState('');
  const [overlapHours, setOverlapHours] = useState<number | null>(24);
  const rotating = useMutation({
    mutationFn: () =>
      client.post('/api/v1/integrations/webhooks/{id}/secret/rotate', {
        path: { id },
        body: { ...(overlapHours !== null && { overlapHours }), ...(secret !== '' && { secret }) },
      }),
    onSuccess: onRotated,
    gcTime: 0,
  });
  const generated = rotating.data?.subscription.secret;
  const end = (): void => {
    setSecret('');
    rotating.reset();
    close();
  };
  return (
    <Dialog opened={opened} onClose={end} title="Rotate the signing secret">
      {rotating.data === undefined ? (
        <Stack>
          <Text size="sm">The old secret signs beside the new one until the overlap ends.</Text>
          <PasswordInput
            label="New secret"
            description="Left empty, one is generated"
            autoComplete="off"
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
          />
          <NumberField label="Overlap, in hours" min={0} value={overlapHours} onChange={setOverlapHours} />
          {rotating.isError && <Problem title="It was not rotated" error={rotating.error} />}
          <Group justify="flex-end">
            <Button loading={rotating.isPending} onClick={() => rotating.mutate()}>
              Rotate
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack>
          {generated === undefined ? (
            <Text size="sm">The new secret signs from the next attempt on.</Text>
          ) : (
            <>
              <Text size="sm">The new secret, shown this once. Put it where the receiver finds it.</Text>
              <CodeBlock label="New signing secret" text={generated} />
            </>
          )}
          <Group justify="flex-end">
            <Button onClick={end}>Done</Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
