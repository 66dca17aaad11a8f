import { setTimeout as wait } from 'node:timers/promises';
import type { CommitResult, EventCommit, LaneStanding, NewEvent } from '../contract/events.ts';
import { StoreUnavailable } from '../store.ts';
import type { Database, Session } from './database.ts';
import { statement } from './database.ts';
import { CommitUnknown } from './group-commit.ts';
import { readTargets } from './lane-upkeep.ts';

/** A publisher waits that long for the answer; one that gives up publishes again, and is told of a duplicate. */
const SETTLE_MS_MAX = 3_000;
const TRY_AGAIN_MS = 100;

// By primary key, of one day. An event's deliveries may all have been made in the meantime.
const findDeliveries = statement(`
SELECT id FROM velahook.pending_deliveries WHERE id = ANY ($1::text[])
UNION ALL
SELECT id FROM velahook.finished_deliveries WHERE id = ANY ($1::text[]) AND created_at = $2`);

/**
 * Runs `commit`, and when the connection is lost at its COMMIT, runs it again on a new one until it is known what
 * became of the first: an event that is then a duplicate and has deliveries of this very call was stored by it, and is
 * answered as `stored`. While the first may still be committed, the second waits for its ids.
 *
 * Rejects with `StoreUnavailable` when that takes too long: the event may be stored all the same.
 */
export async function settleUnknown(
  database: Database,
  epoch: number,
  events: readonly NewEvent[],
  now: number,
  commit: () => Promise<CommitResult>,
): Promise<CommitResult> {
  const until = performance.now() + SETTLE_MS_MAX;
  let isUnknown = false;
  for (;;) {
    try {
      const result = await commit();
      return isUnknown ? await withOurs(database, epoch, events, now, result) : result;
    } catch (error) {
      isUnknown ||= error instanceof CommitUnknown;
      const mayPass = error instanceof StoreUnavailable && performance.now() + TRY_AGAIN_MS < until;
      if (!isUnknown || !mayPass) throw error;
      await wait(TRY_AGAIN_MS);
    }
  }
}

/** The result as it would have been had the first commit been answered. */
async function withOurs(
  database: Database,
  epoch: number,
  events: readonly NewEvent[],
  now: number,
  result: CommitResult,
): Promise<CommitResult> {
  return database.read(async (session) => {
    const deliveryIds = events.flatMap(({ deliveries }) => deliveries.map(({ id }) => id));
    const rows = await session.rows<{ id: string }>(findDeliveries, [deliveryIds, now]);
    const found = new Set(rows.map(({ id }) => id));
    const ours: NewEvent[] = [];
    const commits = result.events.map((answer, i): EventCommit => {
      const event = events[i];
      if (event === undefined || !isOurs(event, answer, found)) return answer;
      ours.push(event);
      return { outcome: 'stored' };
    });
    return {
      events: commits,
      lanes: [...result.lanes, ...(await standingsNow(session, epoch, ours, result.lanes))],
    };
  });
}

/** An id that this node made up is no other's; one that was given is, unless deliveries of this call are stored. */
function isOurs(event: NewEvent, answer: EventCommit, found: ReadonlySet<string>): boolean {
  if (answer.outcome !== 'duplicate' || answer.event.eventId !== event.eventId) return false;
  return event.deliveries.length === 0
    ? !event.eventIdGiven
    : event.deliveries.some(({ id }) => found.has(id));
}

async function standingsNow(
  session: Session,
  epoch: number,
  events: readonly NewEvent[],
  known: readonly LaneStanding[],
): Promise<LaneStanding[]> {
  const subscriptionIds = new Set(
    events.flatMap(({ deliveries }) =>
      deliveries.filter(({ state }) => state === 'pending').map(({ subscriptionId }) => subscriptionId),
    ),
  );
  for (const { subscriptionId } of known) subscriptionIds.delete(subscriptionId);
  const targets = await readTargets(session, [...subscriptionIds]);
  return [...targets.values()]
    .filter(({ hasLane }) => hasLane)
    .map(({ subscriptionId, workspaceId, owner }) => {
      const standing = owner === null ? 'free' : owner === epoch ? 'held' : 'foreign';
      return { subscriptionId, workspaceId, standing, health: null };
    });
}
