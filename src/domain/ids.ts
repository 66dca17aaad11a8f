import type { Random } from '../lib/random.ts';

/**
 * Ids are 24 hex digits: 4 bytes of Unix seconds, as a MongoDB ObjectId has them, then 8 random bytes that
 * nobody can guess. Within one second they are in no order; lists sort by what the store numbers.
 */
export const ID_FORM = /^[0-9a-f]{24}$/;
const EVENT_ID_PREFIX = 'evt_';
export const DELIVERY_ID_PREFIX = 'dlv_';
export const ATTEMPT_ID_PREFIX = 'att_';

/** An event id that a publisher may choose; it has no `.`, which separates the parts of the signed text. */
export const GIVEN_EVENT_ID_FORM = /^[A-Za-z0-9_-]{1,64}$/;

/** Makes a bare id (workspace, subscription). `now` in milliseconds since the Unix epoch. */
export function newId(now: number, random: Random): string {
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0')
    .slice(-8);
  return seconds + Buffer.from(random.bytes(8)).toString('hex');
}

export function newEventId(now: number, random: Random): string {
  return EVENT_ID_PREFIX + newId(now, random);
}

export function newDeliveryId(now: number, random: Random): string {
  return DELIVERY_ID_PREFIX + newId(now, random);
}

export function newAttemptId(now: number, random: Random): string {
  return ATTEMPT_ID_PREFIX + newId(now, random);
}
