import type { DatabaseSync } from 'node:sqlite';
import type { DeliveryState } from '../../domain/delivery.ts';
import type { Replay, ReplayPosition, ReplaySelection } from '../../domain/replay.ts';
import type { CursorPage, CursorQuery } from '../contract/history.ts';
import type { ReplayCandidate, ReplayCandidates, ReplayCount, StateCounts } from '../contract/replays.ts';
import { LOOKED_AT_MAX } from '../page.ts';
import type { ReplayRow } from '../replay-rows.ts';
import { toReplay } from '../replay-rows.ts';
import { SHOWN_STATE } from './delivery-state.ts';
import type { FilteredScan, SeqFinder } from './filtered-scan.ts';
import { REPLAY_COLUMNS, REPLAY_JOINS } from './replays.ts';
import { queryAll, queryOne } from './statement.ts';

/** Read at once: some milliseconds, and little memory. */
const ROWS_PER_READ = 2_000;

interface FirstRow extends SourceRow {
  seq: number;
  eventId: string;
  eventType: string;
  origin: string;
  /** Of the latest replay of the event to the subscription, if any. */
  replaySeq: number | null;
}

/** How a delivery stands. */
interface SourceRow {
  id: string;
  createdAt: number;
  state: DeliveryState;
  attempts: number;
}

/**
 * What there is to be replayed: goes along `deliveries_of_subscription`, oldest first, past the deliveries that are
 * replays themselves, and looks how the latest of each event's stands.
 */
export function replayReading(db: DatabaseSync, seqs: SeqFinder, scan: FilteredScan) {
  const listFirst = queryAll<FirstRow>(
    db,
    `SELECT d.seq, d.id, d.created_at AS createdAt, ${SHOWN_STATE} AS state, d.attempts, e.event_id AS eventId,
            e.event_type AS eventType, e.origin,
            (SELECT max(delivery_seq) FROM replayed_deliveries
             WHERE event_seq = d.event_seq AND subscription_seq = d.subscription_seq) AS replaySeq
     FROM deliveries d INDEXED BY deliveries_of_subscription
       CROSS JOIN subscriptions s ON s.seq = d.subscription_seq CROSS JOIN events e ON e.seq = d.event_seq
     WHERE d.subscription_seq = ? AND (d.created_at, d.seq) > (?, ?) AND d.created_at < ?
       AND NOT EXISTS (SELECT 1 FROM replayed_deliveries r WHERE r.delivery_seq = d.seq AND r.replay_of IS NOT NULL)
     ORDER BY d.created_at, d.seq LIMIT ?`,
  );
  const findSource = queryOne<SourceRow>(
    db,
    `SELECT d.id, d.created_at AS createdAt, ${SHOWN_STATE} AS state, d.attempts
     FROM deliveries d JOIN subscriptions s ON s.seq = d.subscription_seq WHERE d.seq = ?`,
  );
  const find = queryOne<ReplayRow>(
    db,
    `SELECT ${REPLAY_COLUMNS}, r.created_at AS createdAt FROM replays r ${REPLAY_JOINS} WHERE r.id = ? AND w.id = ?`,
  );

  const sourceOf = (selection: ReplaySelection, row: FirstRow): SourceRow | undefined => {
    const { eventTypes, states } = selection;
    if (row.origin === 'test' || (eventTypes !== null && !eventTypes.includes(row.eventType)))
      return undefined;
    const source = row.replaySeq === null ? row : findSource.get(row.replaySeq);
    if (source === undefined || !states.includes(source.state)) return undefined;
    return source.state === 'pending' && source.attempts === 0 ? undefined : source;
  };

  /** Calls `found` for each that is selected until it answers false; answers where that was, or where looking ended. */
  const walk = (
    selection: ReplaySelection,
    after: ReplayPosition | null,
    found: (row: FirstRow, source: SourceRow) => boolean,
  ): ReplayPosition | null => {
    const { workspaceId, subscriptionId, since, until } = selection;
    const workspaceSeq = seqs.workspace(workspaceId) ?? 0;
    const subscriptionSeq = seqs.subscription(workspaceSeq, subscriptionId) ?? 0;
    let at = after ?? { createdAt: since - 1, seq: Number.MAX_SAFE_INTEGER };
    for (let looked = 0; looked < LOOKED_AT_MAX; looked += ROWS_PER_READ) {
      const rows = listFirst.all(subscriptionSeq, at.createdAt, at.seq, until, ROWS_PER_READ);
      for (const row of rows) {
        at = { createdAt: row.createdAt, seq: row.seq };
        const source = sourceOf(selection, row);
        if (source && !found(row, source)) return at;
      }
      if (rows.length < ROWS_PER_READ) return null;
    }
    return at;
  };

  return {
    countReplayable(
      selection: ReplaySelection,
      after: ReplayPosition | null,
      max = Infinity,
    ): ReplayCount & { states: StateCounts } {
      const states: StateCounts = {};
      let count = 0;
      const next = walk(selection, after, (_first, { state }) => {
        states[state] = (states[state] ?? 0) + 1;
        count += 1;
        return count < max;
      });
      return { count, next, states };
    },

    listReplayable(
      selection: ReplaySelection,
      after: ReplayPosition | null,
      limit: number,
    ): ReplayCandidates {
      const candidates: ReplayCandidate[] = [];
      const next = walk(selection, after, ({ eventId, ...first }, { id, createdAt }) => {
        const at = { createdAt: first.createdAt, seq: first.seq };
        candidates.push({ eventId, deliveryId: id, deliveryCreatedAt: createdAt, at });
        return candidates.length < limit;
      });
      return { candidates, next };
    },

    findReplay(workspaceId: string, id: string): Replay | undefined {
      const row = find.get(id, workspaceId);
      return row && toReplay(row);
    },

    listReplays(workspaceId: string, query: CursorQuery): CursorPage<Replay> {
      return scan<ReplayRow, Replay>(
        {
          kind: 'replays',
          table: 'replays r INDEXED BY replays_of_workspace',
          alias: 'r',
          columns: REPLAY_COLUMNS,
          joins: REPLAY_JOINS,
          prefix: [{ sql: 'r.workspace_seq = ?', params: [seqs.workspace(workspaceId) ?? 0] }],
          filters: [],
        },
        query,
        toReplay,
      );
    },
  };
}
