import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../../domain/audit.ts';
import type { DeliveryState, PendingDelivery } from '../../domain/delivery.ts';
import type { CancelledDelivery, NewReplay, ReplayCommit, ReplayResult } from '../contract/replays.ts';
import type { AppendAudit } from './audit.ts';
import type { WriteCancelled } from './cancel-delivery.ts';
import { SHOWN_STATE } from './delivery-state.ts';
import type { InsertDeliveries } from './insert-deliveries.ts';
import type { LaneUpkeep, StartLaneUpkeep } from './lane-upkeep.ts';
import type { Space } from './space.ts';
import { command, queryOne } from './statement.ts';

interface EventRow {
  eventSeq: number;
  workspaceSeq: number;
  eventType: string;
  orderingKey: string | null;
  erasedAt: number | null;
}

/** A delivery that may be replayed. */
interface SourceRow {
  seq: number;
  id: string;
  /** Of a row that nobody has come to write `cancelled` on yet, `pending`. */
  storedState: DeliveryState;
  state: DeliveryState;
  attempts: number;
}

/** What a job asks of the delivery it is about to replay: to be the latest still, and in one of these states. */
export interface StillWanted {
  replaySeq: number;
  states: readonly DeliveryState[];
}

/** `passed`: the delivery is not what the job wants any more. */
type MakeResult = ReplayResult | 'passed';

/** The replays of one call. */
export interface ReplayMaking {
  /** `replayOf` of a job's is the latest delivery. */
  make(replay: NewReplay, wanted?: StillWanted): MakeResult;
  done(): Omit<ReplayCommit, 'results'>;
}

export type StartReplayMaking = (epoch: number, takeLanes: boolean, now: number) => ReplayMaking;

/**
 * Makes deliveries of stored events. Per replay: the event, the subscription and the latest delivery by index, then an
 * insert as intake makes it, and one beside it. Only where no delivery is named are the event's deliveries looked
 * through, as many as subscriptions matched it.
 */
export function createReplayMaking(
  db: DatabaseSync,
  startLaneUpkeep: StartLaneUpkeep,
  insertDeliveries: InsertDeliveries,
  writeCancelled: WriteCancelled,
): StartReplayMaking {
  const findEvent = queryOne<EventRow>(
    db,
    `SELECT e.seq AS eventSeq, e.workspace_seq AS workspaceSeq, e.event_type AS eventType,
            e.ordering_key AS orderingKey, e.erased_at AS erasedAt
     FROM workspaces w JOIN events e ON e.workspace_seq = w.seq WHERE w.id = ? AND e.event_id = ?`,
  );
  const isActive = queryOne(
    db,
    `SELECT 1 FROM subscriptions WHERE seq = ? AND status = 'active' AND deleted_at IS NULL`,
  );
  const findSeq = queryOne<{ seq: number }>(db, 'SELECT seq FROM deliveries WHERE id = ?');
  // The last entry of a range of replayed_of_event.
  const findLatestReplay = queryOne<{ seq: number | null }>(
    db,
    'SELECT max(delivery_seq) AS seq FROM replayed_deliveries WHERE event_seq = ? AND subscription_seq = ?',
  );
  const findFirst = queryOne<{ seq: number }>(
    db,
    `SELECT seq FROM deliveries INDEXED BY deliveries_of_event WHERE event_seq = ? AND subscription_seq = ? LIMIT 1`,
  );
  const findSource = queryOne<SourceRow>(
    db,
    `SELECT d.seq, d.id, d.state AS storedState, ${SHOWN_STATE} AS state, d.attempts
     FROM deliveries d JOIN subscriptions s ON s.seq = d.subscription_seq WHERE d.seq = ?`,
  );
  const insertReplayed = command(
    db,
    `INSERT INTO replayed_deliveries (delivery_seq, event_seq, subscription_seq, replay_of, replay_seq, is_open)
     SELECT seq, event_seq, subscription_seq, ?2, ?3, ?4 FROM deliveries WHERE id = ?1`,
  );

  const findLatest = (
    { eventSeq }: EventRow,
    subscriptionSeq: number,
    replayOf: string | null,
  ): SourceRow | undefined => {
    const replay = findLatestReplay.get(eventSeq, subscriptionSeq)?.seq ?? undefined;
    const first = replayOf === null ? findFirst.get(eventSeq, subscriptionSeq) : findSeq.get(replayOf);
    const seq = replay ?? first?.seq;
    return seq === undefined ? undefined : findSource.get(seq);
  };

  return (epoch, takeLanes, now) => {
    const lanes: LaneUpkeep = startLaneUpkeep(epoch, takeLanes, now);
    const made: PendingDelivery[] = [];
    const cancelled: CancelledDelivery[] = [];
    return {
      make(replay, wanted) {
        const { workspaceId, eventId, subscriptionId } = replay;
        const event = findEvent.get(workspaceId, eventId);
        if (event === undefined) return 'gone';
        if (event.erasedAt !== null) return 'erased';
        const target = lanes.find(subscriptionId, event.workspaceSeq);
        if (target === undefined || isActive.get(target.subscriptionSeq) === undefined) return 'inactive';
        const latest = findLatest(event, target.subscriptionSeq, replay.replayOf);
        if (wanted && !isStillWanted(latest, replay, wanted)) return 'passed';
        if (latest?.storedState === 'pending') {
          writeCancelled(latest.seq, now);
          const { eventType } = event;
          cancelled.push({ id: latest.id, workspaceId, subscriptionId, eventId, eventType });
        }
        const { id } = replay;
        const { generation } = target;
        const ordered = target.ordered === 1;
        const delivery = {
          id,
          subscriptionId,
          generation,
          state: 'pending' as const,
          ...(ordered && { ordered }),
        };
        insertDeliveries({ ...event, workspaceId, eventId }, [delivery], lanes, now);
        const replayOf = replay.replayOf ?? latest?.id ?? null;
        insertReplayed.run(id, replayOf, wanted?.replaySeq ?? null, wanted ? 1 : 0);
        const { eventType, orderingKey } = event;
        const unattempted = { attempts: 0, dueAt: now, firstAttemptAt: null };
        const order = ordered ? { orderKey: orderingKey ?? '' } : {};
        made.push({
          id,
          subscriptionId,
          workspaceId,
          eventId,
          eventType,
          generation,
          ...unattempted,
          ...order,
        });
        return 'made';
      },
      done: () => ({ lanes: lanes.standings(), made, cancelled }),
    };
  };
}

function isStillWanted(
  latest: SourceRow | undefined,
  { replayOf }: NewReplay,
  { states }: StillWanted,
): boolean {
  if (latest === undefined || latest.id !== replayOf || !states.includes(latest.state)) return false;
  return latest.state !== 'pending' || latest.attempts > 0;
}

/** Replays that somebody asked for one by one. */
export function createReplayDeliveries(
  startReplayMaking: StartReplayMaking,
  space: Space,
  appendAudit: AppendAudit,
) {
  return (
    epoch: number,
    replays: readonly NewReplay[],
    takeLanes: boolean,
    now: number,
    audit?: AuditEntry,
  ): ReplayCommit => {
    space.refuseIntakeWhenFull();
    const making = startReplayMaking(epoch, takeLanes, now);
    const results = replays.map((replay) => making.make(replay) as ReplayResult);
    const done = making.done();
    if (done.made.length > 0) appendAudit(audit);
    return { results, ...done };
  };
}
