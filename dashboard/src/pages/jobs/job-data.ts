import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import type { Answer } from '@velahook/sdk';
import { useAccess } from '../../access/access.ts';

export type Replay = Answer<'get', '/api/v1/replays'>['items'][number];
export type Erasure = Answer<'get', '/api/v1/erasures'>['items'][number];

/** While a job goes on: the live stream tells of deliveries, not of every step of a job. */
const RUNNING_EVERY_MS = 3_000;
/** Jobs are looked at while they run; older ones on demand. */
const JOBS_PER_PAGE = 10;

interface JobPage<T> {
  items: T[];
  pagination: { nextCursor: string | null };
}

/** Jobs of one kind, newest first; read again and again until they have all ended, cancelled ones as well. */
function useJobs<T extends { finishedAt: string | null }>(
  kind: 'replays' | 'erasures',
  read: (cursor: { cursor?: string; limit: number }, signal: AbortSignal) => Promise<JobPage<T>>,
) {
  return useInfiniteQuery({
    queryKey: ['jobs', kind],
    queryFn: ({ pageParam, signal }) =>
      read({ limit: JOBS_PER_PAGE, ...(pageParam !== null && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ pagination }) => pagination.nextCursor,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ items }) => items.some(({ finishedAt }) => finishedAt === null)) === true
        ? RUNNING_EVERY_MS
        : false,
  });
}

/** Replays of what subscriptions have missed. */
export function useReplays() {
  const { client } = useAccess();
  return useJobs<Replay>('replays', (query, signal) => client.get('/api/v1/replays', { query, signal }));
}

/** Erasures of payloads; only for whoever may read the workspace's settings. */
export function useErasures() {
  const { client } = useAccess();
  return useJobs<Erasure>('erasures', (query, signal) => client.get('/api/v1/erasures', { query, signal }));
}

/** To be called when a job was begun or stopped here. */
export function useJobsChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['jobs'] });
}
