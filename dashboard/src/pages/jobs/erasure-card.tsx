import { Progress, Text } from '@mantine/core';
import { useAccess, useMay } from '../../access/access.ts';
import { formatCount } from '../../parts/numbers.ts';
import { JobCard } from './job-card.tsx';
import type { Erasure } from './job-data.ts';

/** An erasure: where the value was looked for, and what was erased. The value itself is shown nowhere. */
export function ErasureCard({ erasure }: { erasure: Erasure }) {
  const { _id: id, path, state, progress } = erasure;
  const { client } = useAccess();
  const mayCancel = useMay('workspace:write');
  const cancel = {
    title: 'Stop this erasure?',
    consequence: 'What it has erased stays so; what it has not looked at keeps its payload.',
    done: 'The erasure is stopped.',
    send: () => client.post('/api/v1/erasures/{id}/cancel', { path: { id } }),
  };
  return (
    <JobCard
      job={erasure}
      title={
        <>
          Payloads with the value at <code>{path}</code>
        </>
      }
      {...(mayCancel && { cancel })}
    >
      {/* How many events there are to be looked at nobody has counted: it moves, and tells no share. */}
      {state === 'running' && (
        <Progress.Root size="lg" role="progressbar" aria-label="Progress of the erasure">
          <Progress.Section withAria={false} value={100} striped animated />
        </Progress.Root>
      )}
      <Text size="sm">
        {formatCount(progress.examined)} events looked at, {formatCount(progress.erased)} erased,{' '}
        {formatCount(progress.cancelled)} pending deliveries cancelled with them
      </Text>
    </JobCard>
  );
}
