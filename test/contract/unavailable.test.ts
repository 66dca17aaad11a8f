import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { IS_ON_POSTGRES } from '../support/test-store.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

let running: RunningApp;
beforeAll(async () => {
  running = await startContractApp();
});
// The store is closed by then, under the app's feet, so that its stop is not an orderly one.
afterAll(() => running.stop().catch(() => undefined));

describe('a store that takes no more', () => {
  it.skipIf(IS_ON_POSTGRES)(
    'is a 503 that says when to come back, and stores nothing; what is stored can be read',
    async () => {
      const { api, app } = running;
      const before = await api.publish('crm.lead.created', { n: 1 });
      const store = app.store as SqliteStore;
      await store.setMaxBytes(1);
      const body = { eventType: 'crm.lead.created', data: { n: 2 }, eventId: 'refused' };
      const answer = await api.call('POST', '/events', body);
      expect([answer.status, answer.body.error?.code]).toEqual([503, 'UNAVAILABLE']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.text).not.toMatch(/sqlite|database|disk|\.ts/i);
      expect((await api.call('GET', `/events/${before.eventId}`)).status).toBe(200);
      expect((await api.call('GET', '/events/refused')).status).toBe(404);
      await store.setMaxBytes(0);
      expect((await api.call('POST', '/events', body)).body.data?.['event']).toMatchObject({
        duplicate: false,
      });
    },
  );

  it('that is gone is not ready, and the process still lives', async () => {
    const { api, app } = running;
    await app.store.close();
    const ready = await fetch(`${app.url}/readyz`);
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await ready.json()).toMatchObject({ success: false, error: { code: 'UNAVAILABLE' } });
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${app.url}/metrics`)).status).toBe(200);
    for (const [method, path] of [
      ['GET', '/events'],
      ['POST', '/events'],
      ['GET', '/integrations/webhooks'],
    ] as const) {
      const answer = await api.call(
        method,
        path,
        method === 'POST' ? { eventType: 'a.b', data: {} } : undefined,
      );
      expect([path, answer.status, answer.body.error?.code]).toEqual([path, 503, 'UNAVAILABLE']);
    }
  });
});
