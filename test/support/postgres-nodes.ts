import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { TemporaryDatabase } from './temporary-postgres.ts';
import { makeTemporaryDatabase } from './temporary-postgres.ts';
import { DEATHS_MAX, T0 } from '../conformance/fixtures.ts';

/** Longer than any test, so that no node dies unless a test says so. */
const LEASE_MS = 60_000;

/** A store with a node registered in it. */
export interface PostgresNode {
  store: Store;
  epoch: number;
}

export interface PostgresNodes {
  database: TemporaryDatabase;
  nodes: PostgresNode[];
  /** As if the node had been silent for too long. */
  endLease(node: PostgresNode): Promise<void>;
  close(): Promise<void>;
}

/** So many nodes on one new database, which `close` removes. */
export async function openPostgresNodes(count: number, now: () => number = Date.now): Promise<PostgresNodes> {
  const database = await makeTemporaryDatabase();
  const open = async (): Promise<PostgresNode> => {
    const store = await createPostgresStore({ url: database.url, leaseMs: LEASE_MS, now });
    return { store, epoch: (await store.registerNode(T0, DEATHS_MAX)).epoch };
  };
  const nodes = await Promise.all(Array.from({ length: count }, open));
  return {
    database,
    nodes,
    async endLease({ epoch }) {
      await database.query(
        `UPDATE velahook.nodes SET lease_until = clock_timestamp() - interval '1 second' WHERE epoch = $1`,
        [epoch],
      );
    },
    async close() {
      await Promise.all(nodes.map(({ store }) => store.close()));
      await database.remove();
    },
  };
}
