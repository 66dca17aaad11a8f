import { afterAll, beforeAll, expect, test } from 'vitest';
import { drained } from '../support/audit.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

const EVENT = 'crm.lead.created';

interface Window {
  succeeded: number;
  failed: number;
  successRate: number | null;
  attempts: Record<string, number>;
  latencyMs: { p50: number | null; p95: number | null };
}

interface Stats {
  windows: Record<'1h' | '24h' | '7d', Window>;
  backlog: { pending: number; isMore: boolean; oldestDueAt: string | null };
}

let receiver: Receiver;
let app: TestApp;

beforeAll(async () => {
  receiver = await startReceiver();
  app = await startTestApp({ ca: receiver.ca });
});
afterAll(async () => {
  await app.stop();
  await receiver.close();
});

async function statsOf(id: string): Promise<Stats> {
  return (await app.api.ok<{ stats: Stats }>('GET', `/integrations/webhooks/${id}/stats`)).stats;
}

test('statistics tell how a subscription fares, as soon as its attempts are recorded', async () => {
  const { _id } = await app.api.subscribe({ url: receiver.url('/good'), events: [EVENT] });
  expect((await statsOf(_id)).windows['1h']).toMatchObject({ succeeded: 0, successRate: null });
  for (let i = 0; i < 20; i++) await app.api.publish(EVENT, { i });
  await drained(app.api, 20_000);
  const { windows, backlog } = await statsOf(_id);
  for (const window of Object.values(windows)) {
    expect(window).toMatchObject({ succeeded: 20, failed: 0, successRate: 1 });
    expect(window.attempts).toMatchObject({ success: 20, http_status: 0 });
    expect(window.latencyMs.p50).toBeLessThanOrEqual(window.latencyMs.p95 ?? 0);
  }
  expect(backlog).toEqual({ pending: 0, isMore: false, oldestDueAt: null });
});

test('failures, what is pending, and nothing of another subscription are in them', async () => {
  receiver.respondAt('/bad', { status: 500 });
  const { _id } = await app.api.subscribe({ url: receiver.url('/bad'), events: [EVENT] });
  await app.api.publish(EVENT, {});
  await expect
    .poll(async () => (await statsOf(_id)).windows['1h'].attempts['http_status'])
    .toBeGreaterThan(0);
  const { windows, backlog } = await statsOf(_id);
  expect(windows['7d']).toMatchObject({ succeeded: 0, failed: 0, successRate: null });
  expect(windows['7d'].attempts).toMatchObject({ success: 0, timeout: 0 });
  expect(backlog).toMatchObject({ pending: 1, isMore: false });
  expect(Date.parse(backlog.oldestDueAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
});
