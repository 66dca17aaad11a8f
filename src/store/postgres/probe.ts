import type { Store } from '../store.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';

const PROBE = 'probe';
const write = statement('INSERT INTO velahook.lane_wakes (subscription_id) VALUES ($1)');
const remove = statement('DELETE FROM velahook.lane_wakes WHERE subscription_id = $1');

/**
 * Writes a row and removes it again: a transaction with something to flush, so that a server that is full or only reads
 * does not pass. Behind whatever else is to be written, as an event would be. Nobody else sees the row.
 */
export function probeCall({ writes }: Pick<StoreParts, 'writes'>): Store['probe'] {
  return () =>
    writes.write(async (session) => {
      await session.run(write, [PROBE]);
      await session.run(remove, [PROBE]);
    });
}
