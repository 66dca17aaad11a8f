import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Confirm } from '../../parts/confirm.tsx';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useJobsChanged } from './job-data.ts';

interface JobCardProps {
  job: { state: string; createdAt: string; finishedAt: string | null };
  /** What it works on. */
  title: ReactNode;
  /** Progress, and what there is in numbers. */
  children: ReactNode;
  /** Left out for whoever may not stop it. */
  cancel?: CancelProps;
}

interface CancelProps {
  title: string;
  /** What comes of it. */
  consequence: string;
  /** Said when it was done. */
  done: string;
  send: () => Promise<unknown>;
}

/** One job: what it is, how far, and a way to stop it. */
export function JobCard({ job: { state, createdAt, finishedAt }, title, children, cancel }: JobCardProps) {
  return (
    <Paper withBorder p="md" component="article">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Group gap="sm" miw={0}>
            <StateBadge state={state} />
            <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Text>
          </Group>
          {cancel !== undefined && state === 'running' && <Cancel {...cancel} />}
        </Group>
        {children}
        <Text size="xs" c="dimmed" component="div">
          Begun <Time at={createdAt} />
          {finishedAt !== null && (
            <>
              , ended <Time at={finishedAt} />
            </>
          )}
        </Text>
      </Stack>
    </Paper>
  );
}

function Cancel({ title, consequence, done, send }: CancelProps) {
  const changed = useJobsChanged();
  const [isAsking, asking] = useDisclosure();
  const cancelling = useMutation({
    mutationFn: send,
    onSuccess: async () => {
      asking.close();
      noticeDone(done);
      await changed();
    },
    onError: noticeProblem,
  });
  return (
    <>
      <Button size="xs" variant="default" onClick={asking.open}>
        Cancel
      </Button>
      <Confirm
        title={title}
        opened={isAsking}
        close={asking.close}
        keepLabel="Let it run"
        doLabel="Stop it"
        isPending={cancelling.isPending}
        onConfirm={() => cancelling.mutate()}
      >
        {consequence}
      </Confirm>
    </>
  );
}
