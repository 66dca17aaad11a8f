import { StoreRefused } from '../refused.ts';
import type { NodeStore } from '../contract/nodes.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { MIGRATION_LOCK, PROGRAM } from './migrate.ts';
import type { StoreParts } from './parts.ts';
import type { FreedLanes } from './retire-nodes.ts';
import { buryDeadNodes, endNode, freeLanesOfDead, listEndangered, listRetired } from './retire-nodes.ts';

/** Whether no migration has taken away what this program uses: a table of a few rows. */
const CAN_WORK = 'NOT EXISTS (SELECT FROM velahook.schema_migrations WHERE compatible_from > $2)';
/** While it is held shared, no migration is under way. Whoever waits for it sees afterwards what was applied. */
const keepOutMigrations = statement(`SELECT pg_advisory_xact_lock_shared(${MIGRATION_LOCK})`);
const insertNode = statement(`
INSERT INTO velahook.nodes (lease_until, program)
SELECT clock_timestamp() + make_interval(secs => $1::float8 / 1000), $2
WHERE ${CAN_WORK}
RETURNING epoch`);
/** A node that was frozen for longer than its lease may find another schema than the one it knows. */
const renew = statement(`
UPDATE velahook.nodes SET lease_until = clock_timestamp() + make_interval(secs => $1::float8 / 1000)
WHERE epoch = $3 AND NOT retired AND ${CAN_WORK}`);
const hasDead = statement(`
SELECT 1 FROM velahook.nodes WHERE retired OR lease_until <= clock_timestamp() LIMIT 1`);

/** `NodeStore`. What a death means is in `retire-nodes.ts`. */
export function nodeCalls({ database, writes, signals, leaseMs }: StoreParts): NodeStore {
  /** Each chunk is a commit of its own: whoever dies half way leaves the rest, and the node's row, to the next. */
  const inChunks = async (free: (session: Session) => Promise<FreedLanes>): Promise<number> => {
    let lanesFreed = 0;
    for (;;) {
      const { freed, isDone } = await writes.write(free);
      if (freed > 0) signals.freed();
      lanesFreed += freed;
      if (isDone) return lanesFreed;
    }
  };

  const retireDeadNodes = async (at: number, deathsMax: number): Promise<number> => {
    const now = Math.round(at);
    // Every few seconds from every node, and nobody has died: one look at a table of a few rows.
    if ((await database.rows(hasDead)).length === 0) return 0;
    const exclusive = await listEndangered(database, deathsMax);
    const retired = await writes.write(
      async (session) => {
        await buryDeadNodes(session, now, deathsMax);
        return listRetired(session);
      },
      { exclusive },
    );
    let lanesFreed = 0;
    for (const epoch of retired)
      lanesFreed += await inChunks((session) => freeLanesOfDead(session, epoch, now));
    return lanesFreed;
  };

  return {
    async registerNode(now, deathsMax) {
      const lanesFreed = await retireDeadNodes(now, deathsMax);
      const [node] = await writes.write(async (session) => {
        await session.run(keepOutMigrations);
        return session.rows<{ epoch: number }>(insertNode, [leaseMs, PROGRAM]);
      });
      if (node === undefined)
        throw new StoreRefused(
          'A newer version of Velahook has changed the schema so that this one cannot work with it.',
        );
      return { epoch: node.epoch, lanesFreed, leaseMs };
    },

    /** Behind no group commit and no list: one that hangs must not cost the lease before it has to. */
    async renewNode(epoch) {
      return (await database.runUrgently(renew, [leaseMs, PROGRAM, epoch])) === 1;
    },

    retireDeadNodes,

    async retireNode(epoch, now) {
      await inChunks((session) => endNode(session, epoch, Math.round(now)));
    },
  };
}
