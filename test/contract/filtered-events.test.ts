import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const URL = 'https://receiver.velahook-example.com/hook';
const PATH = '/integrations/webhooks';
const EVENT = 'crm.lead.created';

interface Event {
  deliveryCount: number;
  filteredOut: { count: number; subscriptionIds: string[] };
  summary: string;
}

let running: RunningApp;
let api: ApiClient;

beforeAll(async () => {
  running = await startContractApp();
});
afterAll(() => running.stop());

async function eventOf(eventId: string): Promise<Event> {
  return (await api.ok<{ event: Event }>('GET', `/events/${eventId}`)).event;
}

async function subscribe(filter?: object): Promise<string> {
  return (await api.subscribe({ url: URL, events: [EVENT], ...(filter && { filter }) }))._id;
}

describe('an event that a filter does not match', () => {
  it('makes no delivery, and its story says so', async () => {
    api = await running.addWorkspace();
    const id = await subscribe({ n: { $number: '12345678901234567890' } });
    const other = `{"eventType":"${EVENT}","data":{"n":12345678901234567891}}`;
    const same = `{"eventType":"${EVENT}","data":{"n":12345678901234567890}}`;
    const publish = async (body: string) =>
      (await api.ok<{ event: { eventId: string; deliveries: number } }>('POST', '/events', body)).event;
    const missed = await publish(other);
    expect(missed.deliveries).toBe(0);
    expect(await eventOf(missed.eventId)).toMatchObject({
      deliveryCount: 0,
      filteredOut: { count: 1, subscriptionIds: [id] },
      summary: expect.stringMatching(/filter/i) as string,
    });
    const met = await publish(same);
    expect(met.deliveries).toBe(1);
    expect((await eventOf(met.eventId)).filteredOut).toEqual({ count: 0, subscriptionIds: [] });
  });

  it('goes to those that have none, and to all once the filter is gone; tests are sent anyway', async () => {
    api = await running.addWorkspace();
    const filtered = await subscribe({ stage: 'won' });
    await subscribe();
    const { eventId } = await api.publish(EVENT, { stage: 'lost' });
    expect(await eventOf(eventId)).toMatchObject({ deliveryCount: 1, filteredOut: { count: 1 } });
    const test = await api.call('POST', `${PATH}/${filtered}/test`, { data: { stage: 'lost' } });
    expect(test.status).toBe(202);
    await api.ok('PATCH', `${PATH}/${filtered}`, { filter: null });
    expect(await api.publish(EVENT, { stage: 'lost' })).toMatchObject({ deliveries: 2 });
  });

  it('is replayed to whom it matches now, and to those that are named whether it matches or not', async () => {
    api = await running.addWorkspace();
    const [filtered, all] = [await subscribe({ stage: 'won' }), await subscribe()];
    const { eventId } = await api.publish(EVENT, { stage: 'lost' });
    const replay = async (body?: object): Promise<string[]> => {
      type Made = { deliveries: { subscriptionId: string }[] };
      const { deliveries } = await api.ok<Made>('POST', `/events/${eventId}/replay`, body);
      return deliveries.map(({ subscriptionId }) => subscriptionId).toSorted();
    };
    expect(await replay()).toEqual([all]);
    expect(await replay({ subscriptionIds: [filtered] })).toEqual([filtered]);
    // By the filter as it is now, not as it was.
    await api.ok('PATCH', `${PATH}/${filtered}`, { filter: { stage: 'lost' } });
    expect(await replay()).toEqual([filtered, all].toSorted());
    await api.ok('PATCH', `${PATH}/${filtered}`, { filter: { stage: 'won' } });
    await api.ok('DELETE', `${PATH}/${all}`);
    const refused = await api.call('POST', `/events/${eventId}/replay`);
    expect([refused.status, refused.body.error?.message]).toEqual([
      409,
      expect.stringContaining('No subscription'),
    ]);
  });

  it('is kept from subscriptions beyond the first commit of a large fan-out as well', async () => {
    api = await running.addWorkspace();
    const filters = Array.from({ length: 260 }, (_, i) => ({ group: i % 2 }));
    for (let i = 0; i < filters.length; i += 20) await Promise.all(filters.slice(i, i + 20).map(subscribe));
    const { eventId, deliveries } = await api.publish(EVENT, { group: 1 });
    expect(deliveries).toBe(130);
    await expect.poll(async () => (await api.deliveries(`eventId=${eventId}`)).length).toBe(130);
    const { deliveryCount, filteredOut } = await eventOf(eventId);
    expect([deliveryCount, filteredOut.count, filteredOut.subscriptionIds.length]).toEqual([130, 130, 20]);
  });
});

describe('a filter', () => {
  it('is tried on what was published lately, and says why not', async () => {
    api = await running.addWorkspace();
    const won = await api.publish(EVENT, { stage: 'won' });
    const lost = await api.publish(EVENT, { stage: 'lost' });
    await api.publish('inbox.message.received', { stage: 'won' });
    const answer = await api.ok('POST', `${PATH}/filter-test`, {
      filter: { stage: 'won' },
      events: ['crm.*'],
    });
    expect(answer).toMatchObject({
      matched: 1,
      items: [
        { eventId: lost.eventId, matches: false, unmet: [{ path: 'stage' }] },
        { eventId: won.eventId, matches: true, unmet: [] },
      ],
    });
  });

  it('that is none is refused, at create, at change and when it is tried', async () => {
    api = await running.addWorkspace();
    const id = await subscribe();
    const filter = { a: { $regex: '(a+)+$' }, $or: [] };
    const answers = [
      await api.call('POST', PATH, { url: URL, events: [EVENT], filter }),
      await api.call('PATCH', `${PATH}/${id}`, { filter }),
      await api.call('POST', `${PATH}/filter-test`, { filter }),
    ];
    for (const { status, body } of answers) {
      const paths = body.error?.details?.errors.map(({ path }) => path);
      expect([status, paths]).toEqual([422, ['filter.a.$regex', 'filter.$or']]);
    }
  });
});
