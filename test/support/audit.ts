import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ApiClient, DeliveryAnswer, DeliveryDetailAnswer } from './api-client.ts';
import type { Ledger } from './ledger.ts';

const DETAILS_AT_ONCE = 16;
/** Of deliveries that took one attempt, one in so many is looked at in full. */
const SAMPLE = 20;

export interface Audit {
  events: number;
  deliveries: DeliveryAnswer[];
  /** How many deliveries are in each state. */
  states: Record<string, number>;
  /** What the API says that must not be, in words. */
  violations: string[];
}

/**
 * Everything the API says of events, deliveries and attempts, against what should be and what the receiver saw.
 * `expected`: `path eventId` of each delivery; `pathOf`: the path of each subscription.
 */
export async function audit(
  api: ApiClient,
  published: readonly string[],
  expected: ReadonlySet<string>,
  pathOf: ReadonlyMap<string, string>,
  ledger: Ledger,
): Promise<Audit> {
  const violations: string[] = [];
  const eventIds = await listEventIds(api);
  const missing = new Set(published);
  for (const eventId of eventIds)
    if (!missing.delete(eventId)) violations.push(`event ${eventId}: twice, or never published`);
  for (const eventId of missing) violations.push(`event ${eventId}: not stored`);
  const deliveries = await api.deliveries();
  const seen = new Set<string>();
  const states: Record<string, number> = {};
  for (const { eventId, subscriptionId, state } of deliveries) {
    const key = `${pathOf.get(subscriptionId)} ${eventId}`;
    if (seen.has(key)) violations.push(`${key}: two deliveries`);
    seen.add(key);
    states[state] = (states[state] ?? 0) + 1;
  }
  for (const key of expected) if (!seen.has(key)) violations.push(`${key}: no delivery`);
  for (const key of seen) if (!expected.has(key)) violations.push(`${key}: unexpected`);
  const inFull = deliveries.filter(({ attemptCount }, i) => attemptCount !== 1 || i % SAMPLE === 0);
  for (let i = 0; i < inFull.length; i += DETAILS_AT_ONCE) {
    const details = await Promise.all(
      inFull.slice(i, i + DETAILS_AT_ONCE).map(({ _id }) => api.delivery(_id)),
    );
    for (const delivery of details) {
      const key = `${pathOf.get(delivery.subscriptionId)} ${delivery.eventId}`;
      violations.push(...judgeAttempts(delivery, key, ledger));
    }
  }
  return { events: eventIds.length, deliveries, states, violations: violations.slice(0, SAMPLE) };
}

/** Numbers from 1 without a gap; a success only as the last; each known to the receiver under the same id. */
function judgeAttempts(delivery: DeliveryDetailAnswer, key: string, ledger: Ledger): string[] {
  const { attempts, attemptCount, state } = delivery;
  const violations: string[] = [];
  const numbers = attempts.map(({ number }) => number);
  if (numbers.some((number, i) => number !== i + 1) || attemptCount !== numbers.length)
    violations.push(`${key}: attempts ${numbers.join(', ')}, counted ${attemptCount}`);
  const successes = attempts.filter(({ outcome }) => outcome === 'success').length;
  const isLast = attempts.at(-1)?.outcome === 'success';
  if (state === 'succeeded' ? successes !== 1 || !isLast : successes > 0)
    violations.push(`${key}: ${state} after ${attempts.map(({ outcome }) => outcome).join(', ')}`);
  const arrived = new Map(ledger.of(key).map((arrival) => [arrival.attemptId, arrival]));
  for (const { _id, number, statusCode } of attempts) {
    const arrival = arrived.get(_id);
    if (arrival?.number !== number || arrival.status !== statusCode)
      violations.push(`${key}: recorded attempt ${number} (${statusCode}) is not what the receiver saw`);
  }
  return violations;
}

async function listEventIds(api: ApiClient): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: { eventId: string }[]; pagination: { nextCursor: string | null } } = await api.ok(
      'GET',
      `/events?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    ids.push(...page.items.map(({ eventId }) => eventId));
    cursor = page.pagination.nextCursor;
  }
  return ids;
}

/** Deliveries that are not finished, those with an attempt under way included. */
export async function unfinished(api: ApiClient): Promise<number> {
  const text = await (await fetch(`${api.access.url}/metrics`)).text();
  return Number(/^velahook_deliveries_pending (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

/** No delivery is pending any more; fails, saying how many are, when that takes too long. */
export async function drained(api: ApiClient, timeoutMs: number): Promise<void> {
  await expect.poll(() => unfinished(api), { timeout: timeoutMs, interval: 100 }).toBe(0);
}

/** The embedded store's file, of a server that has ended, is whole: pages, indexes and references. */
export function expectWholeStore(dataDir: string): void {
  const db = new DatabaseSync(join(dataDir, 'velahook.db'), { readOnly: true });
  try {
    expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(db.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
  } finally {
    db.close();
  }
}
