import process from 'node:process';
import type { TestProject } from 'vitest/node';
import { startPostgresServer } from './postgres-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of a superuser at the server that all test files share; each makes databases of its own. */
    postgresUrl: string;
  }
}

/** One PostgreSQL server for the whole run. No fsync: whole machines do not fail here, and processes that die lose nothing by it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['VELAHOOK_TEST_POSTGRES'];
  if (given !== undefined) {
    project.provide('postgresUrl', given);
    return () => Promise.resolve();
  }
  const server = await startPostgresServer({
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '256MB' },
  });
  project.provide('postgresUrl', server.url);
  return () => server.remove();
}
