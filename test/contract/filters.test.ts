import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const HOOKS = '/integrations/webhooks';
const URL = 'https://receiver.velahook-example.com/hook';
const EVENT = 'crm.deal.won';

let running: RunningApp;
let api: ApiClient;
beforeAll(async () => {
  running = await startContractApp();
  api = running.api;
});
afterAll(() => running.stop());

describe('a filter', () => {
  it('of a subscription lets through what matches; of the rest no delivery is made, and the event says so', async () => {
    const { _id } = await api.subscribe({ url: URL, events: [EVENT], filter: { value: { $gte: 1_000 } } });
    expect((await api.publish(EVENT, { value: 1_000 })).deliveries).toBe(1);
    const { eventId, deliveries } = await api.publish(EVENT, { value: 999 });
    expect(deliveries).toBe(0);
    const { event } = await api.ok<{ event: object }>('GET', `/events/${eventId}`);
    expect(event).toMatchObject({
      deliveryCount: 0,
      filteredOut: { count: 1, subscriptionIds: [_id] },
      summary: expect.stringContaining('filter') as string,
    });
    // Whoever tests wants to see a request.
    expect((await api.call('POST', `${HOOKS}/${_id}/test`, { data: { value: 1 } })).status).toBe(202);
    await api.ok('PATCH', `${HOOKS}/${_id}`, { filter: null });
    expect((await api.publish(EVENT, { value: 999 })).deliveries).toBe(1);
    await api.ok('DELETE', `${HOOKS}/${_id}`);
  });

  it('that is malformed is refused, on the path of each mistake', async () => {
    const filter = { value: { $gte: [] }, $maybe: [], stage: { $in: [] } };
    const answer = await api.call('POST', HOOKS, { url: URL, events: [EVENT], filter });
    expect(answer.status).toBe(422);
    const paths = answer.body.error?.details?.errors.map(({ path }) => path) ?? [];
    for (const path of ['filter.value.$gte', 'filter.$maybe', 'filter.stage.$in'])
      expect([path, paths.some((each) => each.startsWith(path))]).toEqual([path, true]);
  });

  it('can be tried on what was published, and changes nothing', async () => {
    await api.publish(EVENT, { stage: 'tried', value: 1 });
    const before = (await api.deliveries()).length;
    const tried = await api.ok<{ matched: number; items: { matches: boolean; unmet: object[] }[] }>(
      'POST',
      `${HOOKS}/filter-test`,
      { filter: { stage: 'tried', value: 2 }, events: [EVENT], limit: 1 },
    );
    expect(tried).toMatchObject({ matched: 0, items: [{ matches: false, unmet: [{ path: 'value' }] }] });
    expect(await api.deliveries()).toHaveLength(before);
  });
});
