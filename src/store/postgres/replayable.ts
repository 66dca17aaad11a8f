import type { DeliveryState } from '../../domain/delivery.ts';
import type { ReplayPosition, ReplaySelection } from '../../domain/replay.ts';
import type { ReplayCandidate, ReplayStore } from '../contract/replays.ts';
import { isOlder, LOOKED_AT_MAX } from '../page.ts';
import type { ReplayRow } from '../replay-rows.ts';
import { toReplay } from '../replay-rows.ts';
import type { Session } from './database.ts';
import { statement, unprepared } from './database.ts';
import type { Scan } from './filtered-scan.ts';
import { equal, readList, scanPage } from './filtered-scan.ts';
import type { StoreParts } from './parts.ts';
import { REPLAY_COLUMNS } from './replays.ts';
import { shownPendingState } from './shown-state.ts';

const find = statement(`
SELECT ${REPLAY_COLUMNS}, r.created_at AS "createdAt" FROM velahook.replays r WHERE r.id = $1 AND r.workspace_id = $2`);

/** A part of a subscription's deliveries: after one place, up to and with another. */
interface Part {
  after: ReplayPosition;
  to: ReplayPosition;
}

const AFTER_ALL = Number.MAX_SAFE_INTEGER;
/** `first`: of the part's four values. */
const inPart = (first: number): string => {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => `$${first + i}`);
  return `(created_at, seq) > (${a}, ${b}) AND created_at >= ${a} AND (created_at, seq) <= (${c}, ${d}) AND created_at <= ${c}`;
};
const COLUMNS = 'id, seq, created_at, event_id, event_type, event_created_at, event_seq, attempts';
/** Where looking has to end, so that no more than so many rows of a table are read. */
const boundOf = (table: string, key: string) => `
SELECT created_at AS "createdAt", seq FROM velahook.${table} WHERE ${key} = $1 AND ${inPart(2)}
ORDER BY created_at, seq LIMIT 1 OFFSET ${LOOKED_AT_MAX - 1}`;
const findBoundOfFinished = unprepared(boundOf('finished_deliveries', 'subscription_id'));
// No index has one subscription's pending deliveries in the order in which they were made: the workspace's are gone through.
const findBoundOfPending = unprepared(boundOf('pending_deliveries', 'workspace_id'));

/**
 * First deliveries by index (`finished_of_subscription`, `pending_by_time`), merged as they come; beside each the latest
 * replay, if there is one, by a range of `replayed_of_event`, and how that stands, by primary key.
 */
const SELECTED = `
FROM (SELECT * FROM ((SELECT ${COLUMNS}, state FROM velahook.finished_deliveries
       WHERE subscription_id = $1 AND workspace_id = $2 AND ${inPart(3)} ORDER BY created_at, seq)
      UNION ALL
      (SELECT ${COLUMNS}, ${shownPendingState('p')} AS state FROM velahook.pending_deliveries p
       WHERE workspace_id = $2 AND subscription_id = $1 AND ${inPart(3)} ORDER BY created_at, seq)) d ORDER BY created_at, seq) d
  LEFT JOIN LATERAL (SELECT replay_of FROM velahook.replayed_deliveries WHERE delivery_id = d.id LIMIT 1) own ON true
  LEFT JOIN LATERAL (
    SELECT r.delivery_id AS id, r.created_at FROM velahook.replayed_deliveries r
    WHERE r.workspace_id = $2 AND r.event_id = d.event_id AND r.subscription_id = $1 ORDER BY r.seq DESC LIMIT 1) r ON true
  LEFT JOIN LATERAL (
    SELECT state, attempts FROM velahook.finished_deliveries f WHERE f.id = r.id AND f.created_at = r.created_at
    UNION ALL
    SELECT ${shownPendingState('q')}, attempts FROM velahook.pending_deliveries q WHERE q.id = r.id LIMIT 1) again ON true
  CROSS JOIN LATERAL (
    SELECT CASE WHEN r.id IS NULL THEN d.state ELSE again.state END AS state,
           CASE WHEN r.id IS NULL THEN d.attempts ELSE again.attempts END AS attempts) latest
WHERE own.replay_of IS NULL AND latest.state = ANY ($7::text[]) AND (latest.state <> 'pending' OR latest.attempts > 0)
  AND ($8::text[] IS NULL OR d.event_type = ANY ($8::text[]))
  AND EXISTS (SELECT FROM velahook.events e
              WHERE e.created_at = d.event_created_at AND e.seq = d.event_seq AND e.origin <> 'test')`;

type ReplayReading = Pick<ReplayStore, 'findReplay' | 'listReplays' | 'countReplayable' | 'listReplayable'>;

/** What there is to be replayed, and jobs to be shown: reads beside the writing connection. */
export function replayReading({ database }: StoreParts): ReplayReading {
  return {
    countReplayable: (selection, after, max) =>
      readList(database, async (session) => {
        const { part, next } = await partOf(session, selection, after);
        const rows = await session.rows<CountedState>(
          unprepared(`
SELECT state, count(*) AS count, max(place) AS last
FROM (SELECT latest.state, ARRAY[d.created_at, d.seq] AS place ${SELECTED}
      ORDER BY d.created_at, d.seq ${max === undefined ? '' : `LIMIT ${max}`}) AS found GROUP BY state`),
          valuesOf(selection, part),
        );
        const count = rows.reduce((sum, row) => sum + row.count, 0);
        const states = Object.fromEntries(rows.map((row) => [row.state, row.count]));
        return { count, states, next: count === max ? lastOf(rows) : next };
      }),

    listReplayable: (selection, after, limit) =>
      readList(database, async (session) => {
        const { part, next } = await partOf(session, selection, after);
        const rows = await session.rows<Omit<ReplayCandidate, 'at'> & ReplayPosition>(
          unprepared(`
SELECT d.event_id AS "eventId", coalesce(r.id, d.id) AS "deliveryId",
       coalesce(r.created_at, d.created_at) AS "deliveryCreatedAt", d.created_at AS "createdAt", d.seq
${SELECTED} ORDER BY d.created_at, d.seq LIMIT ${limit}`),
          valuesOf(selection, part),
        );
        const last = rows.length < limit ? undefined : rows.at(-1);
        const candidates = rows.map(({ createdAt, seq, ...rest }) => ({ ...rest, at: { createdAt, seq } }));
        return { candidates, next: last ? { createdAt: last.createdAt, seq: last.seq } : next };
      }),

    async findReplay(workspaceId, id) {
      const [row] = await database.rows<ReplayRow>(find, [id, workspaceId]);
      return row && toReplay(row);
    },

    listReplays: (workspaceId, query) =>
      readList(database, (session) => scanPage(session, planList(workspaceId), query)),
  };
}

/** How many of a state were counted; `last`: the place of the last of them, as texts. */
interface CountedState {
  state: DeliveryState;
  count: number;
  last: [createdAt: string, seq: string];
}

function lastOf(rows: readonly CountedState[]): ReplayPosition | null {
  const places = rows.map(({ last: [createdAt, seq] }) => ({
    createdAt: Number(createdAt),
    seq: Number(seq),
  }));
  return places.toSorted((a, b) => (isOlder(a, b) ? -1 : 1)).at(-1) ?? null;
}

/** What one call looks at; `next` is null when that is all. */
async function partOf(
  session: Session,
  { workspaceId, subscriptionId, since, until }: ReplaySelection,
  place: ReplayPosition | null,
): Promise<{ part: Part; next: ReplayPosition | null }> {
  const after = place ?? { createdAt: since - 1, seq: AFTER_ALL };
  const all: Part = { after, to: { createdAt: until - 1, seq: AFTER_ALL } };
  const places = placesOf(all);
  const bounds = [
    ...(await session.rows<ReplayPosition>(findBoundOfFinished, [subscriptionId, ...places])),
    ...(await session.rows<ReplayPosition>(findBoundOfPending, [workspaceId, ...places])),
  ];
  const next = bounds.reduce<ReplayPosition | null>(
    (first, bound) => (first === null || isOlder(bound, first) ? bound : first),
    null,
  );
  return { part: { after, to: next ?? all.to }, next };
}

function placesOf({ after, to }: Part): number[] {
  return [after.createdAt, after.seq, to.createdAt, to.seq].map(Math.round);
}

function valuesOf(selection: ReplaySelection, part: Part): unknown[] {
  const { subscriptionId, workspaceId, states, eventTypes } = selection;
  return [subscriptionId, workspaceId, ...placesOf(part), states, eventTypes];
}

function planList(workspaceId: string): Scan<ReplayRow, ReturnType<typeof toReplay>> {
  return {
    kind: 'replays',
    sources: [{ columns: '*', from: 'velahook.replays', prefix: [equal('workspace_id', workspaceId)] }],
    columns: REPLAY_COLUMNS.replaceAll('r.', 'd.'),
    join: '',
    filters: [],
    weight: '1',
    toItem: toReplay,
  };
}
