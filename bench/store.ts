/**
 * What the embedded store costs: events of 1 KB with one delivery each are committed, then recorded as delivered.
 * `node bench/store.ts [events]`; prints events per second and CPU per event, of the writer's thread and of ours.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import type { NewEvent } from '../src/store/contract/events.ts';
import { makeEvent, makeRecord, makeSubscription, newBenchId } from './support/store-work.ts';

const EVENTS = Number(process.argv[2] ?? 20_000);
const PER_CALL = 50;
const CALLS_AT_ONCE = 4;
const SUBSCRIPTIONS = 200;

const dataDir = mkdtempSync(join(tmpdir(), 'velahook-bench-'));
const store = await createSqliteStore({
  dataDir,
  onDeath(error) {
    throw error;
  },
});
const now = Date.now();
const workspaceId = newBenchId();
await store.ensureWorkspace({ id: workspaceId, name: 'bench', createdAt: now });
const subscriptions = Array.from({ length: SUBSCRIPTIONS }, newBenchId);
for (const id of subscriptions)
  await store.createSubscription(makeSubscription(id, workspaceId), SUBSCRIPTIONS);
const { epoch } = await store.registerNode(now, 3);
const { version } = await store.loadSubscriptions(workspaceId);

const committed: NewEvent[][] = [];
await measure('commit', async () => {
  const batch = Array.from({ length: PER_CALL }, () =>
    makeEvent(workspaceId, subscriptions[Math.floor(Math.random() * SUBSCRIPTIONS)] ?? '', version),
  );
  await store.commitEvents(epoch, batch, true, Date.now());
  committed.push(batch);
});
await measure('record', async () => {
  const batch = committed.shift() ?? [];
  await store.recordAttempts(epoch, batch.map(makeRecord), Date.now());
});
await store.close();
rmSync(dataDir, { recursive: true });

async function measure(name: string, run: () => Promise<void>): Promise<void> {
  let left = EVENTS / PER_CALL;
  const before = process.cpuUsage();
  const threadBefore = process.threadCpuUsage();
  const startedAt = performance.now();
  const latencies: number[] = [];
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const at = performance.now();
      await run();
      latencies.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(before);
  const thread = process.threadCpuUsage(threadBefore);
  const own = thread.user + thread.system;
  const all = cpu.user + cpu.system;
  latencies.sort((a, b) => a - b);
  const at = (p: number): string => (latencies[Math.floor(latencies.length * p)] ?? 0).toFixed(1);
  console.log(
    `${name}: ${Math.round(EVENTS / seconds)}/s, main ${(own / EVENTS).toFixed(1)} µs, writer ${((all - own) / EVENTS).toFixed(1)} µs, ` +
      `call p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(0.9999)} ms`,
  );
}
