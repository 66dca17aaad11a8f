/**
 * A process of its own with an embedded store, to be killed: `node store-child.ts DATA_DIR WORKSPACE SUBSCRIPTION
 * [FAILPOINT]`. Publishes and records without pause, and writes a line for each call that was answered:
 * `event ID` or `attempt ID`; before that, `ready`.
 */
import process from 'node:process';
import { createSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { DEATHS_MAX, T0, aRecord, anEvent, aSubscription } from '../conformance/fixtures.ts';

const CALLS_AT_ONCE = 8;

const [dataDir = '', workspaceId = '', subscriptionId = '', failpoint = null] = process.argv.slice(2);
const store = await createSqliteStore({
  dataDir,
  failpoint,
  onDeath(error) {
    throw error;
  },
});
await store.ensureWorkspace({ id: workspaceId, name: 'Killed', createdAt: T0 });
if ((await store.findSubscription(workspaceId, subscriptionId)) === undefined) {
  await store.createSubscription(aSubscription(workspaceId, { id: subscriptionId }), 1);
}
const { epoch } = await store.registerNode(T0, DEATHS_MAX);
say('ready');
await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));

async function work(): Promise<never> {
  for (;;) {
    const event = anEvent(workspaceId, [{ id: subscriptionId, generation: 1 }]);
    if (failpoint !== null) say(`begun ${event.eventId}`);
    await store.commitEvents(epoch, [event], true, T0);
    say(`event ${event.eventId}`);
    const record = aRecord(event);
    await store.recordAttempts(epoch, [record], T0);
    say(`attempt ${record.attempt.id}`);
  }
}

/** A pipe is written to before this returns, so a line that was said survives the process. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
