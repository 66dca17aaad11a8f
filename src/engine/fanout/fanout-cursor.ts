import type { Subscription } from '../../domain/subscription.ts';

/**
 * Deliveries committed at once: with their event, or in one chunk of the rest of a larger fan-out. About 3 ms of the
 * store's time, which is what everybody else's next commit may have to wait for. (At 1,000 it was 25 ms.)
 */
export const FANOUT_CHUNK = 100;

/** Where a cut fan-out stands: the subscriptions after `after` are left, but for those that `done` names. */
export interface FanoutCursor {
  after: string;
  done: ReadonlySet<string>;
}

/**
 * The subscriptions, given in order of their ids, that an event's own commit has deliveries for, and the cursor when
 * that is not all: those that are ordered, so that no later event overtakes this one on its way to them, and as many
 * of the first as there may be.
 */
export function cutFanout(targets: readonly Subscription[]): {
  now: readonly Subscription[];
  cursor: string | null;
} {
  const first = targets.slice(0, FANOUT_CHUNK);
  const ordered = targets.slice(FANOUT_CHUNK).filter((subscription) => subscription.ordered);
  const now = ordered.length === 0 ? first : [...first, ...ordered];
  const after = first.at(-1)?.id;
  if (after === undefined || now.length === targets.length) return { now, cursor: null };
  return { now, cursor: formatCursor(after, new Set(ordered.map(({ id }) => id))) };
}

/**
 * Stored with the event: whoever goes on with it need not know which were ordered then. Begins with the id, so that
 * the store can compare by it.
 */
export function formatCursor(after: string, done: ReadonlySet<string>): string {
  return [after, ...[...done].filter((id) => id > after)].join(' ');
}

/** See {@link formatCursor}. */
export function parseCursor(cursor: string): FanoutCursor {
  const [after = '', ...done] = cursor.split(' ');
  return { after, done: new Set(done) };
}
