import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const HOOK = 'https://receiver.velahook-example.com/hook';

let running: RunningApp;
let ours: ApiClient;
let theirs: ApiClient;
/** Things of the other workspace. */
let theirSubscription: string;
let theirEvent: string;
let theirDelivery: string;
let theirReplay: string;

const SINCE = { since: '2020-01-01T00:00:00.000Z' };

beforeAll(async () => {
  running = await startContractApp();
  ours = running.api;
  theirs = await running.addWorkspace();
  theirSubscription = (await theirs.subscribe({ url: HOOK, events: ['*'] }))._id;
  theirEvent = (await theirs.publish('customer.created', { of: 'theirs' }))['eventId'];
  theirDelivery = (await theirs.deliveries())[0]?._id ?? '';
  const path = `/integrations/webhooks/${theirSubscription}/replay`;
  theirReplay = (await theirs.ok<{ replay: { _id: string } }>('POST', path, SINCE)).replay._id;
});
afterAll(() => running.stop());

describe('another workspace', () => {
  it('keeps its things to itself: its ids are answered as unknown ones are, to the byte', async () => {
    const calls: [string, (id: string) => string, string, string, unknown?][] = [
      ['GET', (id) => `/integrations/webhooks/${id}`, theirSubscription, 'f'.repeat(24)],
      ['PATCH', (id) => `/integrations/webhooks/${id}`, theirSubscription, 'f'.repeat(24), { active: false }],
      ['DELETE', (id) => `/integrations/webhooks/${id}`, theirSubscription, 'f'.repeat(24)],
      ['POST', (id) => `/integrations/webhooks/${id}/test`, theirSubscription, 'f'.repeat(24), {}],
      ['GET', (id) => `/integrations/webhooks/${id}/deliveries`, theirSubscription, 'f'.repeat(24)],
      ['GET', (id) => `/events/${id}`, theirEvent, `evt_${'f'.repeat(24)}`],
      ['GET', (id) => `/deliveries/${id}`, theirDelivery, `dlv_${'f'.repeat(24)}`],
      ['GET', (id) => `/deliveries/${id}`, `att_${theirDelivery.slice(4)}`, `att_${'f'.repeat(24)}`],
      ['POST', (id) => `/deliveries/${id}/replay`, theirDelivery, `dlv_${'f'.repeat(24)}`],
      ['POST', (id) => `/deliveries/${id}/cancel`, theirDelivery, `dlv_${'f'.repeat(24)}`],
      ['POST', (id) => `/events/${id}/replay`, theirEvent, `evt_${'f'.repeat(24)}`],
      ['POST', (id) => `/integrations/webhooks/${id}/replay`, theirSubscription, 'f'.repeat(24), SINCE],
      ['GET', (id) => `/replays/${id}`, theirReplay, `rpl_${'f'.repeat(24)}`],
      ['POST', (id) => `/replays/${id}/cancel`, theirReplay, `rpl_${'f'.repeat(24)}`],
    ];
    const malformed = [
      'x',
      '%00',
      '..%2f..',
      'f'.repeat(500),
      `dlv_${'g'.repeat(24)}`,
      "'%20OR%201=1--",
      '%25',
    ];
    for (const [method, path, id, unknown, body] of calls) {
      const expected = await ours.call(method, path(unknown), body);
      expect([path(id), expected.status]).toEqual([path(id), 404]);
      for (const each of [id, ...malformed]) {
        const answer = await ours.call(method, path(each), body);
        expect([path(each), answer.status, answer.text]).toEqual([path(each), 404, expected.text]);
      }
    }
    const { subscription } = await theirs.ok<{ subscription: { active: boolean } }>(
      'GET',
      `/integrations/webhooks/${theirSubscription}`,
    );
    expect(subscription.active).toBe(true);
  });

  it('is in no list, count or filter of ours', async () => {
    for (const query of [
      '',
      '?search=receiver',
      `?url=${encodeURIComponent(HOOK)}`,
      '?eventType=*',
      '?active=true',
    ]) {
      const list = await ours.ok<{ items: unknown[]; pagination: { total: number } }>(
        'GET',
        `/integrations/webhooks${query}`,
      );
      expect([query, list.items, list.pagination.total]).toEqual([query, [], 0]);
    }
    expect(await ours.deliveries(`subscriptionId=${theirSubscription}`)).toEqual([]);
    expect(await ours.deliveries(`eventId=${theirEvent}`)).toEqual([]);
    expect(await ours.deliveries()).toEqual([]);
    expect((await ours.ok<{ items: unknown[] }>('GET', '/events')).items).toEqual([]);
    expect((await ours.ok<{ items: unknown[] }>('GET', '/replays')).items).toEqual([]);
  });

  it('gets nothing of what we publish, though it subscribes to everything', async () => {
    const before = (await theirs.deliveries()).length;
    expect((await ours.publish('customer.created', { of: 'ours' })).deliveries).toBe(0);
    expect(await theirs.deliveries()).toHaveLength(before);
  });

  it('may use the same event ids and idempotency keys', async () => {
    for (const [client, n] of [
      [ours, 1],
      [theirs, 2],
    ] as const) {
      const event = await client.publish('customer.created', { n }, { eventId: 'shared-id' });
      expect(event).toMatchObject({ eventId: 'shared-id', duplicate: false });
      const { event: keyed } = await client.ok<{ event: { duplicate: boolean } }>(
        'POST',
        '/events',
        { eventType: 'customer.created', data: { n } },
        { 'idempotency-key': 'shared-key' },
      );
      expect(keyed.duplicate).toBe(false);
    }
    const answer = await ours.call('GET', '/events/shared-id');
    expect(answer.text).toContain('"data":{"n":1}');
  });

  it('cannot be read with a cursor taken from it', async () => {
    await theirs.publish('customer.created', {});
    const page = await theirs.ok<{ pagination: { nextCursor: string } }>('GET', '/events?limit=1');
    const answer = await ours.call(
      'GET',
      `/events?limit=1&cursor=${encodeURIComponent(page.pagination.nextCursor)}`,
    );
    expect(JSON.stringify(answer.body.data ?? {})).not.toContain(theirs.access.workspaceId);
  });

  it('cannot be moved into, nor can what is only shown be set', async () => {
    const forged = {
      workspaceId: theirs.access.workspaceId,
      _id: 'f'.repeat(24),
      createdAt: 0,
      status: 'active',
    };
    const created = await ours.call('POST', '/integrations/webhooks', {
      url: HOOK,
      events: ['*'],
      ...forged,
    });
    expect(created.status).toBe(422);
    expect(created.body.error?.details?.errors).toEqual(
      Object.keys(forged).map((path) => ({ path, message: 'cannot be set' })),
    );
    const published = await ours.call('POST', '/events', {
      eventType: 'customer.created',
      data: {},
      ...forged,
    });
    expect(published.status).toBe(422);
    const own = await ours.subscribe({ url: HOOK, events: ['crm.*'] });
    expect((await ours.call('PATCH', `/integrations/webhooks/${own._id}`, forged)).status).toBe(422);
  });
});

describe('ids', () => {
  it('cannot be guessed from one another', async () => {
    const ids = new Set<string>();
    for (let n = 0; n < 200; n += 1) ids.add((await ours.publish('customer.created', { n })).eventId);
    expect(ids.size).toBe(200);
    const tails = [...ids].map((id) => id.slice('evt_'.length + 8));
    expect(new Set(tails.map((tail) => tail.slice(0, 4))).size).toBeGreaterThan(190);
    expect(new Set(tails.map((tail) => tail.slice(-4))).size).toBeGreaterThan(190);
  });
});
