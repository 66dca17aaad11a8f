import type { DeliveryState, PendingDelivery } from '../../domain/delivery.ts';
import type { NewReplay, PlannedReplay, ReplayResult, ReplayStore } from '../contract/replays.ts';
import { appendAudit } from './audit.ts';
import { bigintArray, textArray } from './binary-array.ts';
import type { Cancelled } from './cancel-delivery.ts';
import { cancelPending } from './cancel-delivery.ts';
import { withHeads } from './commit-events.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { insertDeliveries } from './insert-deliveries.ts';
import type { KeptLanes, LaneTarget } from './lane-upkeep.ts';
import { keepLanes, readTargets, tellOthers } from './lane-upkeep.ts';
import { isLiveForShare } from './node-lease.ts';
import type { StoreParts } from './parts.ts';
import type { Transaction } from './transaction.ts';

interface EventRow {
  workspaceId: string;
  eventId: string;
  eventType: string;
  createdAt: number;
  seq: number;
  orderingKey: string | null;
  erasedAt: number | null;
}

/** A delivery to be made, with what it is made of. */
interface Item {
  replay: NewReplay;
  event: EventRow;
  target: LaneTarget;
  /** The event's latest delivery to the subscription, or null. */
  latestId: string | null;
}

/** What a job asks of the deliveries it is about to replay: to be the latest still, and in one of these states. */
export interface StillWanted {
  replayId: string;
  planned: readonly PlannedReplay[];
  states: readonly DeliveryState[];
}

export interface MadeReplays {
  /** One per replay, in order; `passed`: it is not what the job wants any more. */
  results: (ReplayResult | 'passed')[];
  made: PendingDelivery[];
  cancelled: Cancelled;
  kept: KeptLanes;
}

// Locked in order: retention leaves the events alone, and replays of one event are made one after the other, so that
// each sees the one before it.
const lockEvents = statement(`
SELECT i.workspace_id AS "workspaceId", i.event_id AS "eventId", i.created_at AS "createdAt", i.seq
FROM velahook.event_ids i
  JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS given (workspace_id, event_id)) given
    ON i.workspace_id = given.workspace_id AND i.event_id = given.event_id
ORDER BY i.workspace_id, i.event_id FOR NO KEY UPDATE OF i`);
const findEvents = statement(`
SELECT e.seq, e.event_type AS "eventType", e.ordering_key AS "orderingKey", e.erased_at AS "erasedAt"
FROM unnest($1::bigint[], $2::bigint[]) AS given (created_at, seq)
  JOIN velahook.events e ON e.created_at = given.created_at AND e.seq = given.seq`);
const findActive = statement(`
SELECT id FROM velahook.subscriptions WHERE id = ANY ($1::text[]) AND status = 'active' AND deleted_at IS NULL`);
// The last entry of a range of replayed_of_event; only where no delivery is named are the event's looked through.
const findLatest = statement(`
SELECT given.n::int - 1 AS n, coalesce(r.delivery_id, given.replay_of, first.id) AS id
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY
    AS given (workspace_id, event_id, subscription_id, replay_of, n)
  LEFT JOIN LATERAL (
    SELECT delivery_id FROM velahook.replayed_deliveries r
    WHERE r.workspace_id = given.workspace_id AND r.event_id = given.event_id
      AND r.subscription_id = given.subscription_id
    ORDER BY r.seq DESC LIMIT 1) r ON true
  LEFT JOIN LATERAL (
    SELECT id FROM (
      SELECT id FROM velahook.pending_deliveries p
      WHERE p.workspace_id = given.workspace_id AND p.event_id = given.event_id
        AND p.subscription_id = given.subscription_id
      UNION ALL
      SELECT id FROM velahook.finished_deliveries f
      WHERE f.workspace_id = given.workspace_id AND f.event_id = given.event_id
        AND f.subscription_id = given.subscription_id) d
    WHERE given.replay_of IS NULL AND r.delivery_id IS NULL LIMIT 1) first ON true
ORDER BY given.n`);
// By primary key, of the day of each; a row that is being moved is waited for, and then seen where it is.
const lockStates = statement(`
SELECT id, attempts, generation FROM velahook.pending_deliveries WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE`);
const findStates = statement(`
SELECT f.id, f.state FROM unnest($1::text[], $2::bigint[]) AS given (id, created_at)
  JOIN velahook.finished_deliveries f ON f.id = given.id AND f.created_at = given.created_at`);
const insertReplayed = statement(`
INSERT INTO velahook.replayed_deliveries
  (delivery_id, workspace_id, event_id, subscription_id, created_at, replay_of, replay_id, is_open)
SELECT id, workspace_id, event_id, subscription_id, $6, replay_of, $7, $7::text IS NOT NULL
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
  AS made (id, workspace_id, event_id, subscription_id, replay_of, n)
ORDER BY n`);

/**
 * Makes deliveries of stored events, each to another subscription or of another event. The caller holds the exclusive
 * locks of the lanes: no subscription stops meanwhile, and nothing else is put at the end of a key.
 *
 * Locks: the node's row; the events in order of their ids; the pending deliveries that are cancelled, likewise; free lanes.
 */
export async function makeReplays(
  session: Transaction,
  epoch: number,
  replays: readonly NewReplay[],
  takeLanes: boolean,
  now: number,
  wanted?: StillWanted,
): Promise<MadeReplays> {
  const results: MadeReplays['results'] = replays.map(() => 'made');
  const [isLive, found] = await Promise.all([
    isLiveForShare(session, epoch),
    findItems(session, replays, results),
  ]);
  const items = wanted === undefined ? found : await stillWanted(session, found, wanted);
  const chosen = new Set(items.map(({ replay }) => replay.id));
  replays.forEach(({ id }, i) => {
    if (results[i] === 'made' && !chosen.has(id)) results[i] = 'passed';
  });
  const latestIds = items.flatMap(({ latestId }) => latestId ?? []);
  const cancelled = await cancelPending(session, latestIds, now);
  const targets = new Map(items.map(({ target }) => [target.subscriptionId, target]));
  const events = items.map(({ replay, event, target }) => {
    const { id, subscriptionId } = replay;
    const { generation, ordered } = target;
    const delivery = {
      id,
      subscriptionId,
      generation,
      state: 'pending' as const,
      ...(ordered && { ordered }),
    };
    return { ...event, deliveries: [delivery] };
  });
  const inserted = await insertDeliveries(session, events, targets, now);
  if (items.length > 0)
    await session.run(insertReplayed, [...columnsOf(items), now, wanted?.replayId ?? null]);
  const kept = await keepLanes(session, { epoch, isLive, takeLanes, now }, inserted.targets);
  const deliveries = events.flatMap((event) => event.deliveries);
  const standings = withHeads(kept.standings, deliveries, new Set(inserted.heads));
  return {
    results,
    made: items.map((item) => pendingOf(item, now)),
    cancelled,
    kept: { ...kept, standings },
  };
}

/** The replays that can be made; the results of the others are set. */
async function findItems(
  session: Session,
  replays: readonly NewReplay[],
  results: MadeReplays['results'],
): Promise<Item[]> {
  if (replays.length === 0) return [];
  const subscriptionIds = [...new Set(replays.map(({ subscriptionId }) => subscriptionId))];
  const events = await readEvents(session, replays);
  const targets = await readTargets(session, subscriptionIds);
  const active = await session.rows<{ id: string }>(findActive, [subscriptionIds]);
  const activeIds = new Set(active.map(({ id }) => id));
  const latest = await session.rows<{ id: string | null }>(findLatest, [
    textArray(replays.map(({ workspaceId }) => workspaceId)),
    textArray(replays.map(({ eventId }) => eventId)),
    textArray(replays.map(({ subscriptionId }) => subscriptionId)),
    textArray(replays.map(({ replayOf }) => replayOf)),
  ]);
  return replays.flatMap((replay, i) => {
    const event = events.get(keyOf(replay));
    const target = targets.get(replay.subscriptionId);
    const isActive = activeIds.has(replay.subscriptionId) && target?.workspaceId === replay.workspaceId;
    if (event === undefined || event.erasedAt !== null) {
      results[i] = event === undefined ? 'gone' : 'erased';
      return [];
    }
    if (target === undefined || !isActive) {
      results[i] = 'inactive';
      return [];
    }
    return [{ replay, event, target, latestId: latest[i]?.id ?? null }];
  });
}

async function readEvents(session: Session, replays: readonly NewReplay[]): Promise<Map<string, EventRow>> {
  const ids = await session.rows<Pick<EventRow, 'workspaceId' | 'eventId' | 'createdAt' | 'seq'>>(
    lockEvents,
    [
      textArray(replays.map(({ workspaceId }) => workspaceId)),
      textArray(replays.map(({ eventId }) => eventId)),
    ],
  );
  const found = await session.rows<Pick<EventRow, 'seq' | 'eventType' | 'orderingKey' | 'erasedAt'>>(
    findEvents,
    [bigintArray(ids.map(({ createdAt }) => createdAt)), bigintArray(ids.map(({ seq }) => seq))],
  );
  const foundBySeq = new Map(found.map((event) => [event.seq, event]));
  return new Map(
    ids.flatMap((id) => {
      const event = foundBySeq.get(id.seq);
      return event === undefined ? [] : [[keyOf(id), { ...id, ...event }]];
    }),
  );
}

function keyOf({ workspaceId, eventId }: { workspaceId: string; eventId: string }): string {
  return `${workspaceId}/${eventId}`;
}

async function stillWanted(
  session: Session,
  items: readonly Item[],
  { planned, states }: StillWanted,
): Promise<Item[]> {
  const plannedBy = new Map(planned.map((each) => [each.id, each]));
  const latest = items.filter(({ replay, latestId }) => latestId === replay.replayOf);
  const ids = textArray(latest.map(({ latestId }) => latestId));
  type PendingRow = { id: string; attempts: number; generation: number };
  const pending = new Map((await session.rows<PendingRow>(lockStates, [ids])).map((row) => [row.id, row]));
  const times = latest.map(({ replay }) => plannedBy.get(replay.id)?.deliveryCreatedAt ?? null);
  const ended = await session.rows<{ id: string; state: DeliveryState }>(findStates, [
    ids,
    bigintArray(times),
  ]);
  const endedAs = new Map(ended.map(({ id, state }) => [id, state]));
  return latest.filter(({ target, latestId }) => {
    const waiting = pending.get(latestId ?? '');
    if (waiting === undefined)
      return states.includes(endedAs.get(latestId ?? '') ?? 'pending') && endedAs.has(latestId ?? '');
    if (waiting.generation !== target.generation) return states.includes('cancelled');
    return states.includes('pending') && waiting.attempts > 0;
  });
}

function columnsOf(items: readonly Item[]): Buffer[] {
  return [
    textArray(items.map(({ replay }) => replay.id)),
    textArray(items.map(({ replay }) => replay.workspaceId)),
    textArray(items.map(({ replay }) => replay.eventId)),
    textArray(items.map(({ replay }) => replay.subscriptionId)),
    textArray(items.map(({ replay, latestId }) => replay.replayOf ?? latestId)),
  ];
}

function pendingOf({ replay, event, target }: Item, now: number): PendingDelivery {
  const { id, subscriptionId, workspaceId, eventId } = replay;
  const { eventType, orderingKey } = event;
  const { generation, ordered } = target;
  const unattempted = { attempts: 0, dueAt: now, firstAttemptAt: null };
  const order = ordered ? { orderKey: orderingKey ?? '' } : {};
  return { id, subscriptionId, workspaceId, eventId, eventType, generation, ...unattempted, ...order };
}

/** Replays that somebody asked for one by one. */
export function replayDeliveriesCall({ writes, signals }: StoreParts): ReplayStore['replayDeliveries'] {
  return async (epoch, replays, takeLanes, now, audit) => {
    const exclusive = [...new Set(replays.map(({ subscriptionId }) => subscriptionId))];
    const { results, made, cancelled, kept } = await writes.write(
      async (session) => {
        const made = await makeReplays(session, epoch, replays, takeLanes, Math.round(now));
        if (made.made.length > 0) await appendAudit(session, audit);
        return made;
      },
      { exclusive },
    );
    tellOthers(signals, kept);
    signals.wake(cancelled.owners);
    return {
      results: results as ReplayResult[],
      lanes: kept.standings,
      made,
      cancelled: cancelled.deliveries,
    };
  };
}
