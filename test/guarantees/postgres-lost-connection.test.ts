import { expect, test } from 'vitest';
import { Database, statement } from '../../src/store/postgres/database.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';

const ownPid = statement('SELECT pg_backend_pid() AS pid');

test('a connection that dies between two statements of its user ends nothing but their work', async () => {
  const { url, query, remove } = await makeTemporaryDatabase();
  const database = new Database(url, 'lost-connection');
  try {
    // Were it not listened to, the process would end with `uncaughtException`, which fails the test as well.
    const reading = database.read(async (session) => {
      const [row] = await session.rows<{ pid: number }>(ownPid);
      await query('SELECT pg_terminate_backend($1)', [row?.pid]);
      const others = 'SELECT 1 FROM pg_stat_activity WHERE pid = $1';
      await expect.poll(() => query(others, [row?.pid])).toEqual([]);
      return session.rows(ownPid);
    });
    await expect(reading).rejects.toThrow(StoreUnavailable);
    expect(await database.rows(ownPid)).toHaveLength(1);
  } finally {
    await database.close();
    await remove();
  }
});
