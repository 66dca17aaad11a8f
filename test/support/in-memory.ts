import { statfsSync } from 'node:fs';
import process from 'node:process';
import type { TestProject } from 'vitest/node';
import { startPostgresServer } from './postgres-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of a superuser at the server that all test files share; each makes databases of its own. */
    postgresUrl: string;
  }
}

/** Linux's file system in memory. */
const MEMORY = '/dev/shm';
/** A run leaves little behind at a time, since each database is dropped; its write-ahead log is bounded below. */
const MEMORY_BYTES_MIN = 3 * 2 ** 30;

/**
 * What a run writes, in memory where there is room: a disk that others use too stalls each commit for tens of
 * milliseconds. Embedded stores go where `TMPDIR` says, which the processes that run the tests inherit; one PostgreSQL
 * server serves the whole run. No fsync: whole machines do not fail here, and processes that die lose nothing by it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const roomy = hasRoom(MEMORY);
  // Faults are shown on a disk.
  if (roomy && project.name === 'main') process.env['TMPDIR'] ??= MEMORY;
  const given = process.env['VELAHOOK_TEST_POSTGRES'];
  if (given !== undefined) {
    project.provide('postgresUrl', given);
    return () => Promise.resolve();
  }
  const server = await startPostgresServer({
    ...(roomy ? { within: MEMORY } : {}),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '256MB' },
  });
  project.provide('postgresUrl', server.url);
  return () => server.remove();
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= MEMORY_BYTES_MIN;
  } catch {
    // No such file system here.
    return false;
  }
}
