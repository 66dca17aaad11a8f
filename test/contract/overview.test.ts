import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { addWorkspace } from '../support/workspaces.ts';

const HOOKS = '/integrations/webhooks';
const EVENT = 'crm.lead.created';

interface Ended {
  succeeded: number;
  failed: number;
}

interface Latency {
  p50: number | null;
  p95: number | null;
}

interface Stats {
  window: string;
  since: string;
  totals: Ended & {
    published: number;
    successRate: number | null;
    attempts: Record<string, number>;
    latencyMs: Latency;
  };
  series: (Ended & { at: string; published: number; failedAttempts: number; latencyMs: Latency })[];
  backlog: { pending: number; isMore: boolean; oldestDueAt: string | null };
}

interface Listed {
  _id: string;
  health?: {
    successRate: number | null;
    series: (Ended & { at: string })[];
    backlog: { pending: number; isMore: boolean };
  };
}

interface Missed {
  since: string;
  count: number;
  isMore: boolean;
  states: Record<string, number>;
}

let receiver: Receiver;
let app: TestApp;
/** A workspace of its own for each test, whose paths nobody else has. */
let api: ApiClient;
let paths = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  app = await startTestApp({ ca: receiver.ca, environment: { VELAHOOK_RETRY_SCHEDULE: '20ms' } });
});
afterAll(async () => {
  await app.stop();
  await receiver.close();
});

async function arrange(): Promise<void> {
  api = new ApiClient({ url: app.app.url, ...(await addWorkspace(app.app.store)) });
}

async function subscribe(respond: Parameters<Receiver['respondAt']>[1] = {}): Promise<string> {
  const path = `/o${paths++}`;
  receiver.respondAt(path, respond);
  return (await api.subscribe({ url: receiver.url(path), events: [EVENT] }))._id;
}

const stats = async (query = ''): Promise<Stats> =>
  (await api.ok<{ stats: Stats }>('GET', `/stats${query}`)).stats;
const missed = async (id: string, query = ''): Promise<Missed> =>
  (await api.ok<{ missed: Missed }>('GET', `${HOOKS}/${id}/missed${query}`)).missed;
const subscription = async (id: string) =>
  (await api.ok<{ subscription: { status: string; deactivatedAt: string } }>('GET', `${HOOKS}/${id}`))
    .subscription;
const statesOf = async (id: string): Promise<string[]> =>
  (await api.deliveries(`subscriptionId=${id}`)).map(({ state }) => state).toSorted();

test("a workspace's statistics count each event once, and what became of its deliveries", async () => {
  await arrange();
  const good = await subscribe();
  const bad = await subscribe({ status: 500 });
  expect((await stats()).totals).toMatchObject({ published: 0, successRate: null });
  const first = await api.publish(EVENT, { n: 1 }, { eventId: 'first' });
  const again = await api.publish(EVENT, { n: 1 }, { eventId: 'first' });
  expect([first.duplicate, again.duplicate]).toEqual([false, true]);
  const events = [
    { eventType: EVENT, data: {} },
    { eventType: 'no', data: 7 },
    { eventType: EVENT, data: {} },
  ];
  await api.ok('POST', '/events/batch', { events });
  await api.publish('crm.deal.won', { wanted: 'by nobody' });
  await api.ok('POST', `${HOOKS}/${good}/test`, {});
  await expect.poll(() => statesOf(good)).toEqual(Array(4).fill('succeeded'));
  await expect.poll(() => statesOf(bad)).toEqual(Array(3).fill('failed'));
  for (const [window, spans] of Object.entries({ '1h': 13, '24h': 25, '7d': 169 })) {
    const { window: name, since, totals, series, backlog } = await stats(`?window=${window}`);
    expect([name, series.length, series[0]?.at]).toEqual([window, spans, since]);
    expect(totals).toMatchObject({ published: 4, succeeded: 4, failed: 3, successRate: 4 / 7 });
    expect(totals.attempts).toMatchObject({ success: 4, http_status: 6, timeout: 0 });
    expect(totals.latencyMs.p50).toBeLessThanOrEqual(totals.latencyMs.p95 ?? 0);
    const sum = (field: 'published' | 'succeeded' | 'failed' | 'failedAttempts') =>
      series.reduce((all, span) => all + span[field], 0);
    expect([sum('published'), sum('succeeded'), sum('failed'), sum('failedAttempts')]).toEqual([4, 4, 3, 6]);
    expect(series[0]).toEqual({
      at: since,
      published: 0,
      succeeded: 0,
      failed: 0,
      failedAttempts: 0,
      latencyMs: { p50: null, p95: null },
    });
    const step = Date.parse(series[1]?.at ?? '') - Date.parse(since);
    expect(step).toBe(window === '1h' ? 300_000 : 3_600_000);
    expect(Date.parse(series.at(-1)?.at ?? '')).toBeGreaterThan(Date.now() - 2 * step);
    expect(backlog).toEqual({ pending: 0, isMore: false, oldestDueAt: null });
  }
  expect((await stats()).window).toBe('24h');
  expect((await api.call('GET', '/stats?window=30d')).status).toBe(400);
});

test("a workspace's backlog is what waits in it, and of nobody else", async () => {
  await arrange();
  const busy = await subscribe({ status: 503, headers: { 'Retry-After': '600' } });
  await api.publish(EVENT, {});
  await expect.poll(async () => (await stats()).totals.attempts['http_status']).toBe(1);
  const { backlog } = await stats();
  expect(backlog).toMatchObject({ pending: 1, isMore: false });
  expect(Date.parse(backlog.oldestDueAt ?? '') - Date.now()).toBeGreaterThan(500_000);
  const { items } = await api.ok<{ items: Listed[] }>('GET', `${HOOKS}?include=health`);
  expect(items[0]?.health).toMatchObject({ successRate: null, backlog: { pending: 1, isMore: false } });
  expect((await missed(busy)).states).toMatchObject({ pending: 1, failed: 0 });
  await arrange();
  expect((await stats()).backlog).toEqual({ pending: 0, isMore: false, oldestDueAt: null });
  expect((await stats()).totals.published).toBe(0);
});

test('subscriptions are listed with their health, when it is asked for', async () => {
  await arrange();
  const good = await subscribe();
  const bad = await subscribe({ status: 500 });
  await api.publish(EVENT, {});
  await api.publish(EVENT, {});
  await expect.poll(() => statesOf(bad)).toEqual(['failed', 'failed']);
  await expect.poll(() => statesOf(good)).toEqual(['succeeded', 'succeeded']);
  const plain = await api.ok<{ items: Listed[] }>('GET', HOOKS);
  expect(plain.items.map((item) => 'health' in item)).toEqual([false, false]);
  const { items, pagination } = await api.ok<{ items: Listed[]; pagination: object }>(
    'GET',
    `${HOOKS}?include=health&sortOrder=asc`,
  );
  expect(pagination).toEqual({ page: 1, limit: 20, total: 2, totalPages: 1 });
  expect(items.map(({ _id, health }) => [_id, health?.successRate, health?.series.length])).toEqual([
    [good, 1, 25],
    [bad, 0, 25],
  ]);
  const { health, ...rest } = items[1] ?? { _id: '' };
  expect(rest).toEqual(plain.items.find(({ _id }) => _id === bad));
  expect(health?.series.reduce((sum, { failed }) => sum + failed, 0)).toBe(2);
  expect(health?.backlog).toEqual({ pending: 0, isMore: false });
  expect((await api.call('GET', `${HOOKS}?include=secrets`)).status).toBe(400);
});

test('what a deactivated subscription missed is what a replay takes', async () => {
  await arrange();
  let status = 410;
  const id = await subscribe(() => ({ status }));
  await api.publish(EVENT, { n: 0 });
  await expect.poll(async () => (await subscription(id)).status).toBe('deactivated');
  const { deactivatedAt } = await subscription(id);
  for (let n = 1; n <= 3; n++) await api.publish(EVENT, { n });
  const states = { pending: 0, failed: 0, cancelled: 0, skipped: 3 };
  const { since, ...all } = await missed(id);
  expect(all).toEqual({ count: 4, isMore: false, states: { ...states, failed: 1 } });
  expect(Date.parse(deactivatedAt) - Date.parse(since)).toBeGreaterThanOrEqual(86_400_000);
  expect(Date.parse(deactivatedAt) - Date.parse(since)).toBeLessThan(86_400_000 + 10_000);
  const later = await missed(id, `?since=${deactivatedAt}`);
  expect(later).toEqual({ since: deactivatedAt, count: 3, isMore: false, states });
  status = 200;
  await api.ok('PATCH', `${HOOKS}/${id}`, { active: true });
  const now = await missed(id);
  expect([now.count, Date.now() - Date.parse(now.since)]).toEqual([4, expect.closeTo(86_400_000, -5)]);
  const { replay } = await api.ok<{ replay: { count: number } }>('POST', `${HOOKS}/${id}/replay`, { since });
  expect(replay.count).toBe(4);
  await expect.poll(async () => (await missed(id)).count).toBe(0);
});

test('one that was created inactive has missed what came since then', async () => {
  await arrange();
  const fields = { url: receiver.url('/inactive'), events: [EVENT], active: false };
  const { _id } = await api.subscribe(fields);
  await api.publish(EVENT, {});
  expect((await missed(_id)).states).toMatchObject({ skipped: 1 });
  const found = await app.app.store.findSubscription(api.access.workspaceId, _id);
  expect([found?.status, found?.missingSince]).toEqual(['inactive', found?.createdAt]);
});

test('what was missed is asked for with a time that was, of a subscription that is there', async () => {
  await arrange();
  const id = await subscribe();
  const future = new Date(Date.now() + 60_000).toISOString();
  for (const query of ['?since=yesterday', `?since=${future}`, '?until=2026-01-01T00:00:00Z'])
    expect((await api.call('GET', `${HOOKS}/${id}/missed${query}`)).status).toBe(400);
  expect((await api.call('GET', `${HOOKS}/${'f'.repeat(24)}/missed`)).status).toBe(404);
});
