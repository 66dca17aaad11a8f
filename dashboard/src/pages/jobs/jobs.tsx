import { Button, Group, Stack, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconEraser, IconPlayerTrackNext } from '@tabler/icons-react';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useMay } from '../../access/access.ts';
import { Empty } from '../../parts/empty.tsx';
import { PageLink } from '../../parts/link.tsx';
import { Page } from '../../parts/page.tsx';
import { Lines, Problem } from '../../parts/problem.tsx';
import { ErasureCard } from './erasure-card.tsx';
import { useErasures, useReplays } from './job-data.ts';
import { ReplayCard } from './replay-card.tsx';
import { StartErasure } from './start-erasure.tsx';

/** What goes on for longer than a request: replays of what was missed, and erasures. */
export function Jobs() {
  const maySeeErasures = useMay('workspace:read');
  const replays = useReplays();
  return (
    <Page title="Replays and erasures">
      <Section title="Replays">
        <JobList
          query={replays}
          empty={
            <Empty icon={IconPlayerTrackNext} title="No replay">
              What a subscription has missed is replayed as a job: begin one from a{' '}
              <PageLink to="/subscriptions" size="sm">
                subscription
              </PageLink>
              .
            </Empty>
          }
        >
          {(replay) => <ReplayCard key={replay._id} replay={replay} />}
        </JobList>
      </Section>
      {maySeeErasures && <Erasures />}
    </Page>
  );
}

function Erasures() {
  const mayErase = useMay('workspace:write');
  const erasures = useErasures();
  const [isStarting, starting] = useDisclosure();
  return (
    <Section
      title="Erasures"
      actions={
        mayErase && (
          <Button variant="default" leftSection={<IconEraser size={16} />} onClick={starting.open}>
            Erase what mentions somebody
          </Button>
        )
      }
    >
      <JobList
        query={erasures}
        empty={
          <Empty icon={IconEraser} title="No erasure">
            When somebody asks to be forgotten, an erasure takes away the payloads that mention them. The
            record of what was delivered stays.
          </Empty>
        }
      >
        {(erasure) => <ErasureCard key={erasure._id} erasure={erasure} />}
      </JobList>
      <StartErasure opened={isStarting} close={starting.close} />
    </Section>
  );
}

function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {title}
        </Title>
        {actions}
      </Group>
      {children}
    </Stack>
  );
}

interface JobListProps<T> {
  query: UseInfiniteQueryResult<InfiniteData<{ items: T[] }>>;
  empty: ReactNode;
  /** One job; it gives its key. */
  children: (job: T) => ReactNode;
}

function JobList<T>({ query, empty, children }: JobListProps<T>) {
  if (query.isPending)
    return (
      <div role="status" aria-label="Loading">
        <Lines />
      </div>
    );
  const jobs = query.data?.pages.flatMap(({ items }) => items) ?? [];
  if (jobs.length === 0)
    return query.isError ? (
      <Problem
        title="These jobs could not be loaded"
        error={query.error}
        retry={() => void query.refetch()}
      />
    ) : (
      empty
    );
  return (
    <>
      {jobs.map(children)}
      {query.isFetchNextPageError && <Problem title="Older ones could not be loaded" error={query.error} />}
      {query.hasNextPage && (
        <Button
          variant="default"
          w="fit-content"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Older ones
        </Button>
      )}
    </>
  );
}
