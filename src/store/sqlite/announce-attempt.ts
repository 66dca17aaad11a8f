import type { DatabaseSync } from 'node:sqlite';
import { command } from './statement.ts';

/** Writes down who is about to make an attempt of a suspect lane: its death, if it dies now, is the delivery's. */
export function createAnnounceAttempt(db: DatabaseSync) {
  const announce = command(
    db,
    `INSERT INTO announcements (delivery_seq, epoch)
     SELECT seq, ?2 FROM deliveries WHERE id = ?1 AND state = 'pending'
     ON CONFLICT (delivery_seq) DO UPDATE SET epoch = excluded.epoch`,
  );
  return (epoch: number, deliveryId: string): void => {
    announce.run(deliveryId, epoch);
  };
}
