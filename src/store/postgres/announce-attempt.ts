import type { LaneStore } from '../contract/lanes.ts';
import { StoreUnavailable } from '../store.ts';
import { statement } from './database.ts';
import { isLiveForShare } from './node-lease.ts';
import type { StoreParts } from './parts.ts';

/** The delivery's row is held, so that nobody ends it in between: its announcement would stay for ever. */
const announce = statement(`
INSERT INTO velahook.announcements (delivery_id, epoch)
SELECT id, $2 FROM velahook.pending_deliveries WHERE id = $1 FOR KEY SHARE
ON CONFLICT (delivery_id) DO UPDATE SET epoch = excluded.epoch`);

/**
 * Writes down who is about to make an attempt of a suspect lane: its death, if it dies now, is the delivery's. A node
 * that is not live any more must not: it would write over the announcement of the lane's next owner. The call
 * rejects then, and no attempt is made.
 */
export function announceAttemptCall({ writes }: StoreParts): LaneStore['announceAttempt'] {
  return async (epoch, deliveryId) => {
    const isLive = await writes.write(async (session) => {
      if (!(await isLiveForShare(session, epoch))) return false;
      await session.run(announce, [deliveryId, epoch]);
      return true;
    });
    if (!isLive) throw new StoreUnavailable(`Node ${epoch} is not live any more.`);
  };
}
