/**
 * Whether nodes that publish to the same subscription queue behind one another on PostgreSQL: four nodes commit events
 * one by one while each commit takes 5 ms more (`commit_delay`), all to one subscription, and each to its own. Were a
 * lock held through the commit, the first would be as slow as one node alone.
 *
 * `node bench/popular.ts`; all figures in one run.
 */
import process from 'node:process';
import type { Store } from '../src/store/store.ts';
import { createPostgresStore } from '../src/store/postgres/postgres-store.ts';
import { startPostgresServer } from '../test/support/postgres-server.ts';
import { makeEvent, makeSubscription, newBenchId } from './support/store-work.ts';

const NODES = 4;
const COMMIT_DELAY_US = 5_000;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);

interface Node {
  store: Store;
  epoch: number;
  ownSubscription: string;
}

const server = await startPostgresServer({
  // For every commit, also where no other is under way.
  settings: { commit_delay: String(COMMIT_DELAY_US), commit_siblings: '0' },
});
const workspaceId = newBenchId();
const popular = newBenchId();
const nodes: Node[] = [];
for (let i = 0; i < NODES; i++) {
  const store = await createPostgresStore({ url: server.url, leaseMs: 600_000, now: () => Date.now() });
  const ownSubscription = newBenchId();
  if (i === 0) await store.ensureWorkspace({ id: workspaceId, name: 'bench', createdAt: Date.now() });
  await store.createSubscription(makeSubscription(ownSubscription, workspaceId), 100);
  nodes.push({ store, epoch: (await store.registerNode(Date.now(), 3)).epoch, ownSubscription });
}
await nodes[0]?.store.createSubscription(makeSubscription(popular, workspaceId), 100);
const version = (await nodes[0]?.store.loadSubscriptions(workspaceId))?.version ?? 0;

try {
  for (let round = 0; round < ROUNDS; round++) {
    await measure('one node, one subscription', nodes.slice(0, 1), () => popular);
    await measure(`${NODES} nodes, a subscription each`, nodes, ({ ownSubscription }) => ownSubscription);
    await measure(`${NODES} nodes, one subscription`, nodes, () => popular);
  }
} finally {
  await Promise.all(nodes.map(({ store }) => store.close()));
  await server.remove();
}

/** Each node commits one event after the other. */
async function measure(what: string, some: readonly Node[], to: (node: Node) => string): Promise<void> {
  const until = performance.now() + SECONDS * 1_000;
  const latencies: number[] = [];
  const publish = async (node: Node): Promise<void> => {
    while (performance.now() < until) {
      const at = performance.now();
      const { events } = await node.store.commitEvents(
        node.epoch,
        [makeEvent(workspaceId, to(node), version)],
        true,
        Date.now(),
      );
      if (events[0]?.outcome !== 'stored') throw new Error(`An event was ${events[0]?.outcome}.`);
      latencies.push(performance.now() - at);
    }
  };
  await Promise.all(some.map(publish));
  latencies.sort((a, b) => a - b);
  const p = (part: number): string => (latencies[Math.floor(latencies.length * part)] ?? 0).toFixed(1);
  console.log(
    `${what}: ${Math.round(latencies.length / SECONDS)} commits/s, p50 ${p(0.5)} ms, p99 ${p(0.99)} ms`,
  );
}
