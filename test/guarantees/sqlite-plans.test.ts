import type { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { readerHandlers } from '../../src/store/sqlite/reader-handlers.ts';
import { Space } from '../../src/store/sqlite/space.ts';
import { writerHandlers } from '../../src/store/sqlite/writer-handlers.ts';
import type { DeliveryQuery, EventQuery } from '../../src/store/contract/history.ts';
import { openConnection } from '../support/sqlite-connection.ts';

const { db, close } = openConnection();
afterAll(close);

/** Every statement the store prepares, with its plan. */
const plans = new Map<string, string[]>();
const watched = new Proxy(db, {
  get(target, name) {
    if (name === 'prepare') {
      return (sql: string) => {
        const rows = target.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
        if (!sql.startsWith('PRAGMA'))
          plans.set(
            sql.replaceAll(/\s+/g, ' '),
            rows.map((row) => String(row['detail'])),
          );
        return target.prepare(sql);
      };
    }
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? value.bind(target) : value;
  },
}) as DatabaseSync;

writerHandlers(watched, new Space(watched, 0));
const history = readerHandlers(watched);
const EITHER = [true, false];
for (const byState of [undefined, 'pending', 'failed'] as const) {
  const state = byState === undefined ? {} : { state: byState };
  const events: EventQuery = { limit: 1, ...state };
  history.listEvents('w', events);
  for (const bySubscription of EITHER) {
    for (const byEvent of EITHER) {
      const query: DeliveryQuery = { limit: 1, ...state };
      history.listDeliveries('w', {
        ...query,
        ...(bySubscription && { subscriptionId: 's' }),
        ...(byEvent && { eventId: 'e' }),
      });
    }
  }
}
history.listSubscriptions('w', { sortBy: 'url', sortOrder: 'asc', page: 1, limit: 1 });

/** Whole tables or indexes that may be read: a handful of rows each, or once at the start, or for metrics. */
const SCANS_ALLOWED = [
  /^SCAN (nodes|announcements|probe|n)$/,
  /^SCAN lanes$/,
  // A row per workspace whose stream was ever opened: looked through by minutes and seconds, not by events.
  /^SCAN streams$/,
  // What a node that is not sure of its memory asks; there is no such node here.
  /^SCAN l$/,
  /^SCAN workspaces USING COVERING INDEX/,
  /^SCAN e USING INDEX events_in_fanout$/,
  // Jobs that are not at their end: a few per workspace.
  /^SCAN r USING INDEX (replays|erasures)_open$/,
  // A row per workspace whose deliveries are late.
  /^SCAN a$/,
  /^SCAN s(ubscriptions)? USING (COVERING )?INDEX subscriptions_with_stale$/,
  /^SCAN deliveries USING COVERING INDEX deliveries_pending$/,
  // All subscriptions, once at a start: which keys have sealed their secrets.
  /^SCAN subscriptions USING INDEX subscriptions_of_workspace$/,
  // The ids of a page of subscriptions.
  /^SCAN (json_each|given) /,
  /^SCAN CONSTANT ROW$/,
  /^SCAN \(subquery-\d\)$/,
];

/** Pending ones of a subscription are counted in the index alone. */
const PENDING_OF_EACH =
  'SEARCH d USING COVERING INDEX deliveries_pending (subscription_seq=? AND generation=?)';

function planOf(part: string): string[] {
  const found = [...plans].find(([sql]) => sql.includes(part));
  if (found === undefined) throw new Error(`No statement has ${part}`);
  return found[1];
}

describe('the plans of the embedded store', () => {
  test('read no whole table but small ones', () => {
    expect(plans.size).toBeGreaterThan(60);
    const scans = [...plans].flatMap(([sql, plan]) =>
      plan
        .filter((step) => step.startsWith('SCAN') && !SCANS_ALLOWED.some((allowed) => allowed.test(step)))
        .map((step) => `${step} in ${sql}`),
    );
    expect(scans).toEqual([]);
  });

  test('scan all lanes only when a node comes or goes', () => {
    const scanning = [...plans].filter(([, plan]) => plan.includes('SCAN lanes')).map(([sql]) => sql);
    expect(scanning).toHaveLength(2);
    for (const sql of scanning) expect(sql).toMatch(/^UPDATE lanes SET owner = NULL, suspect = [01]/);
  });

  test.each([
    [
      'FROM deliveries d INDEXED BY deliveries_pending JOIN',
      'SEARCH d USING INDEX deliveries_pending (subscription_seq=? AND generation=? AND <expr>=? AND due_at<?)',
    ],
    [
      'SELECT min(due_at)',
      'SEARCH deliveries USING INDEX deliveries_pending (subscription_seq=? AND generation=? AND <expr>=?)',
    ],
    ['generation < ? LIMIT', 'SEARCH d USING INDEX deliveries_pending (subscription_seq=? AND generation<?)'],
    ['l.ready_at <= ? ORDER BY l.ready_at', 'SEARCH l USING INDEX lanes_free (ready_at<?)'],
    [
      'l.workspace_seq = ? AND l.ready_at',
      'SEARCH l USING INDEX lanes_free_of_workspace (workspace_seq=? AND ready_at<?)',
    ],
    [
      'workspace_seq > ? ORDER BY workspace_seq',
      'SEARCH lanes USING INDEX lanes_free_of_workspace (workspace_seq>?)',
    ],
    ['SELECT min(ready_at)', 'SEARCH lanes USING INDEX lanes_free'],
    ['FROM idempotency_keys k', 'SEARCH k USING PRIMARY KEY (workspace_seq=? AND key=?)'],
    ['AS body FROM workspaces w', 'SEARCH e USING INDEX events_by_id (workspace_seq=? AND event_id=?)'],
    ['s.generation AS currentGeneration', 'SEARCH d USING INDEX deliveries_by_id (id=?)'],
    ['INDEXED BY subscriptions_of_workspace CROSS', PENDING_OF_EACH],
    ['FROM json_each(?2) given', PENDING_OF_EACH],
    [
      'SELECT start_at AS startAt',
      'SEARCH workspace_statistics USING PRIMARY KEY (workspace_seq=? AND span=? AND start_at>?)',
    ],
    ['FROM tokens t', 'SEARCH t USING INDEX sqlite_autoindex_tokens_2 (hash=?)'],
  ])('%s: %s', (part, step) => {
    expect(planOf(part)).toContain(step);
  });

  test.each([
    [
      'deliveries_of_workspace',
      'SEARCH d USING INDEX deliveries_of_workspace (workspace_seq=? AND created_at>? AND created_at<?)',
    ],
    [
      'deliveries_of_subscription',
      'SEARCH d USING INDEX deliveries_of_subscription (subscription_seq=? AND created_at>? AND created_at<?)',
    ],
    [
      'deliveries_unsuccessful',
      'SEARCH d USING INDEX deliveries_unsuccessful (workspace_seq=? AND state=? AND created_at>? AND created_at<?)',
    ],
    [
      'events_by_time',
      'SEARCH e USING INDEX events_by_time (workspace_seq=? AND created_at>? AND created_at<?)',
    ],
  ])('a page along %s comes in the order of that index, without sorting', (index, step) => {
    const pages = [...plans].filter(
      ([sql]) => sql.includes(`INDEXED BY ${index} `) && !/OFFSET|OVER \(/.test(sql),
    );
    expect(pages.length).toBeGreaterThan(0);
    for (const [, plan] of pages) {
      expect(plan).toContain(step);
      expect(plan.join()).not.toContain('TEMP B-TREE');
    }
  });

  test('sort only what is bounded', () => {
    const sorting = [...plans].filter(([, plan]) => plan.some((step) => step.includes('TEMP B-TREE')));
    for (const [sql] of sorting) {
      expect(sql).toMatch(
        /FROM subscriptions s|substr\(sealed, |AS oldestDueAt|event_seq = \?|INDEXED BY deliveries_of_event/,
      );
    }
  });
});
