import { expect, test } from 'vitest';
import type { ApiClient, DeliveryDetailAnswer } from '../support/api-client.ts';
import { ApiClient as Client } from '../support/api-client.ts';
import { describeOnEachStore } from '../support/each-store.ts';
import { useSharedApp } from '../support/shared-app.ts';
import { openStream } from '../support/stream-client.ts';
import { addWorkspace } from '../support/workspaces.ts';

const EVENT = 'crm.lead.created';
const POLL = { timeout: 15_000, interval: 20 };
const ADA = { path: '$.customer.name', value: 'Ada Lovelace' };

interface ErasureAnswer {
  _id: string;
  path: string;
  state: string;
  progress: { examined: number; erased: number; cancelled: number };
  finishedAt: string | null;
}

interface EventDetail {
  event: { data: unknown; dataBytes: number; erasedAt: string | null; summary: string };
}

describeOnEachStore('erasing', (make) => {
  const shared = useSharedApp(make, { VELAHOOK_RETRY_SCHEDULE: '1h' });
  /** The test's own. */
  let api: ApiClient;

  async function arrange(respond?: Parameters<typeof shared.arrange>[1]) {
    const arranged = await shared.arrange([EVENT], respond);
    ({ api } = arranged);
    return arranged;
  }

  const publish = (eventId: string, data: string, to = api) =>
    to.call('POST', '/events', `{"eventType":"${EVENT}","eventId":"${eventId}","data":${data}}`);
  const aboutAda = (eventId: string) => publish(eventId, '{"customer":{"name":"Ada Lovelace"}}');
  const find = async (eventId: string, of = api) =>
    (await of.ok<EventDetail>('GET', `/events/${eventId}`)).event;
  const show = async (id: string) =>
    (await api.ok<{ erasure: ErasureAnswer }>('GET', `/erasures/${id}`)).erasure;
  const deliveryOf = async (eventId: string): Promise<DeliveryDetailAnswer> =>
    api.delivery((await api.deliveries(`eventId=${eventId}`)).at(-1)?._id ?? '');

  /** Begins one and resolves with it when it is done. */
  async function erase(body: unknown): Promise<ErasureAnswer> {
    const { erasure } = await api.ok<{ erasure: ErasureAnswer }>('POST', '/erasures', body);
    await expect.poll(async () => (await show(erasure._id)).state, POLL).toBe('done');
    return show(erasure._id);
  }

  test('empties the events that mention the subject, and no other', async () => {
    const { requests } = await arrange({ body: '{"hello":"Ada"}' });
    const other = new Client({ url: shared.app.app.url, ...(await addWorkspace(shared.app.app.store)) });
    const told = {
      plain: '{"customer":{"name":"Ada Lovelace"},"n":1}',
      escaped: String.raw`{"customer" : {"n\u0061me":"Ada\u0020Lovelace"}}`,
      twice: '{"customer":{"name":"Ada Lovelace","name":"Bob"}}',
    };
    const kept = { bob: '{"customer":{"name":"Bob"}}', elsewhere: '{"name":"Ada Lovelace"}' };
    for (const [id, data] of Object.entries({ ...told, ...kept })) await publish(id, data);
    await publish('plain', told.plain, other);
    await expect.poll(() => requests().length).toBe(5);
    await expect.poll(async () => (await api.deliveries('state=succeeded')).length).toBe(5);

    const erasure = await erase(ADA);
    expect(erasure).toMatchObject({
      path: ADA.path,
      progress: { examined: 5, erased: 3, cancelled: 0 },
      finishedAt: expect.any(String) as string,
    });
    expect(JSON.stringify(erasure)).not.toContain('Ada');
    for (const [id, data] of Object.entries(told)) {
      const { event } = await api.ok<EventDetail>('GET', `/events/${id}`);
      expect(event).toMatchObject({ data: {}, dataBytes: data.length });
      expect(event.summary).toBe(
        `Delivered to its one subscription. Its payload was erased at ${event.erasedAt}.`,
      );
      expect((await deliveryOf(id)).attempts).toMatchObject([
        { number: 1, outcome: 'success', statusCode: 200, responseBody: null, responseHeaders: null },
      ]);
    }
    for (const [id, data] of Object.entries(kept)) {
      expect(await find(id)).toMatchObject({ data: JSON.parse(data) as unknown, erasedAt: null });
      expect((await deliveryOf(id)).attempts).toMatchObject([{ responseBody: '{"hello":"Ada"}' }]);
    }
    expect(await find('plain', other)).toMatchObject({ erasedAt: null });
    const { items } = await api.ok<{ items: ErasureAnswer[] }>('GET', '/erasures');
    expect(items).toEqual([erasure]);
  });

  test('compares numbers by their exact value', async () => {
    await arrange();
    const numbers = ['9007199254740993', '9007199254740993.0', '9007199254740992', '"9007199254740993"'];
    for (const [i, id] of numbers.entries()) await publish(`n${i}`, `{"id":${id}}`);
    expect(await erase('{"path":"$.id","value":9007199254740993}')).toMatchObject({
      progress: { erased: 2 },
    });
    const erased = await Promise.all(numbers.map(async (_, i) => (await find(`n${i}`)).erasedAt !== null));
    expect(erased).toEqual([true, true, false, false]);
  });

  test('cancels what is pending; an attempt in flight is recorded without its response body', async () => {
    const answers = new Map(['fails', 'wins'].map((id) => [id, Promise.withResolvers<object>()] as const));
    const { requests } = await arrange(
      ({ headers }) =>
        answers.get(String(headers['webhook-id']))?.promise ?? { status: 500, body: 'no, Ada' },
    );
    for (const id of ['retried', 'fails', 'wins']) await aboutAda(id);
    await expect.poll(() => requests().length).toBe(3);
    await expect.poll(async () => (await deliveryOf('retried')).attemptCount).toBe(1);
    expect(await erase(ADA)).toMatchObject({ progress: { erased: 3, cancelled: 3 } });
    expect(await deliveryOf('retried')).toMatchObject({
      state: 'cancelled',
      failureReason: 'erased',
      attempts: [{ statusCode: 500, responseBody: null, responseHeaders: null }],
    });
    expect((await find('retried')).summary).toMatch(
      /^Cancelled after 1 attempt, since its payload was erased\. Its payload was erased at /,
    );
    answers.get('fails')?.resolve({ status: 500, body: 'no, Ada' });
    answers.get('wins')?.resolve({ status: 200, body: 'yes, Ada' });
    await expect.poll(async () => (await deliveryOf('wins')).state).toBe('succeeded');
    await expect.poll(async () => (await deliveryOf('fails')).attemptCount).toBe(1);
    expect(await deliveryOf('fails')).toMatchObject({
      state: 'cancelled',
      failureReason: 'erased',
      attempts: [{ statusCode: 500, responseBody: null, responseHeaders: null }],
    });
    expect(await deliveryOf('wins')).toMatchObject({
      attempts: [{ statusCode: 200, responseBody: null, responseHeaders: null }],
    });
    expect(requests()).toHaveLength(3);
  });

  test('leaves nothing to be replayed: a 409 that says so; a job passes it and counts it', async () => {
    const { subscriptionId, requests } = await arrange({ status: 500 });
    await aboutAda('ada');
    await publish('bob', '{"customer":{"name":"Bob"}}');
    await expect.poll(async () => (await api.deliveries('statusCode=500')).length).toBe(2);
    await erase(ADA);
    const { _id } = await deliveryOf('ada');
    for (const path of ['/events/ada/replay', `/deliveries/${_id}/replay`]) {
      const answer = await api.call('POST', path);
      expect([path, answer.status, answer.body.error?.message]).toEqual([
        path,
        409,
        'The payload of the event was erased, so that it cannot be replayed.',
      ]);
    }
    shared.receiver.respondAt(requests()[0]?.path ?? '', {});
    interface Job {
      replay: { _id: string; state: string; count: number; progress: Record<string, number> };
    }
    const since = { since: '2020-01-01T00:00:00Z' };
    const { replay } = await api.ok<Job>('POST', `/integrations/webhooks/${subscriptionId}/replay`, since);
    const job = async () => (await api.ok<Job>('GET', `/replays/${replay._id}`)).replay;
    await expect.poll(async () => (await job()).state, POLL).toBe('done');
    expect(await job()).toMatchObject({ count: 2, progress: { made: 1, succeeded: 1, erased: 1 } });
    expect(requests().map(({ headers }) => headers['webhook-id'])).toEqual(
      expect.arrayContaining(['ada', 'bob', 'bob']) as string[],
    );
    expect(requests()).toHaveLength(3);
  });

  test('of an event does not make publishing it again a new one', async () => {
    const { requests } = await arrange();
    await aboutAda('once');
    await expect.poll(() => requests().length).toBe(1);
    await erase(ADA);
    const again = await aboutAda('once');
    expect([again.status, again.body.data]).toEqual([
      202,
      { event: expect.objectContaining({ eventId: 'once', duplicate: true, deliveries: 1 }) as object },
    ]);
    expect((await publish('once', '{"longer":"than it was before"}')).status).toBe(409);
    expect(await find('once')).toMatchObject({ data: {} });
    expect(requests()).toHaveLength(1);
  });

  test('leaves nothing for a filter to be tried on', async () => {
    await arrange();
    await aboutAda('tried');
    await publish('other', '{"customer":{"name":"Bob"}}');
    await erase(ADA);
    const body = { filter: { 'customer.name': { $exists: true } } };
    const { items } = await api.ok<{ items: { eventId: string }[] }>(
      'POST',
      '/integrations/webhooks/filter-test',
      body,
    );
    expect(items.map(({ eventId }) => eventId)).toEqual(['other']);
  });

  test('is told on the live stream, by ids', async () => {
    await arrange({ status: 500 });
    await aboutAda('heard');
    await expect.poll(async () => (await deliveryOf('heard')).attemptCount).toBe(1);
    const stream = await openStream(api.access);
    try {
      const { _id: erasureId } = await erase(ADA);
      await expect.poll(() => stream.of('delivery').length).toBe(1);
      const erasedAt = (await find('heard')).erasedAt;
      expect(stream.of('erasure')).toMatchObject([
        { data: { eventId: 'heard', eventType: EVENT, erasureId, erasedAt } },
      ]);
      expect(stream.of('delivery')).toMatchObject([
        { data: { eventId: 'heard', state: 'cancelled', failureReason: 'erased' } },
      ]);
      expect(stream.text).not.toContain('Ada');
    } finally {
      stream.close();
    }
  });

  test('goes through more events than one step does, and is for those that there were', async () => {
    await arrange();
    const ids = Array.from({ length: 450 }, (_, i) => `many-${i}`);
    const events = ids.map((eventId, i) => ({ eventType: EVENT, eventId, data: { id: `c${i % 2}` } }));
    await api.ok('POST', '/events/batch', { events });
    const erasing = erase({ path: '$.id', value: 'c1' });
    expect(await erasing).toMatchObject({ progress: { examined: 450, erased: 225 } });
    await publish('later', '{"id":"c1"}');
    const [first, second, later] = await Promise.all(['many-0', 'many-449', 'later'].map((id) => find(id)));
    expect(first?.erasedAt).toBeNull();
    expect(second?.erasedAt).not.toBeNull();
    expect(later?.erasedAt).toBeNull();
  });

  test('can be cancelled while it runs, not when it is done', async () => {
    await arrange();
    const large = 'x'.repeat(250_000);
    for (let i = 0; i < 20; i++) await api.publish('customer.merged', { id: 'c1', large });
    const { erasure } = await api.ok<{ erasure: ErasureAnswer }>('POST', '/erasures', {
      path: '$.id',
      value: 'c1',
    });
    const { erasure: cancelled } = await api.ok<{ erasure: ErasureAnswer }>(
      'POST',
      `/erasures/${erasure._id}/cancel`,
    );
    expect(cancelled).toMatchObject({ state: 'cancelled', finishedAt: expect.any(String) as string });
    expect(cancelled.progress.erased).toBeLessThan(20);
    const done = await erase({ path: '$.id', value: 'c1' });
    expect(done.progress.erased + cancelled.progress.erased).toBe(20);
    expect((await show(erasure._id)).progress).toEqual(cancelled.progress);
    expect((await api.call('POST', `/erasures/${erasure._id}/cancel`)).status).toBe(200);
    expect((await api.call('POST', `/erasures/${done._id}/cancel`)).status).toBe(409);
  });

  test('refuses all that is wrong at once, and says nothing of the value', async () => {
    await arrange();
    const refused = async (body: string) => {
      const answer = await api.call('POST', '/erasures', body);
      expect(answer.text).not.toContain('canary');
      return [answer.status, answer.body.error?.details?.errors.map(({ path }) => path).toSorted()];
    };
    expect(await refused('{}')).toEqual([422, ['path', 'value']]);
    expect(await refused('{"path":"customer","value":{"a":"canary"},"more":1}')).toEqual([
      422,
      ['more', 'path', 'value'],
    ]);
    for (const value of ['true', 'null', '[]', '""', `"canary${'x'.repeat(1_100)}"`])
      expect(await refused(`{"path":"$.a","value":${value}}`)).toEqual([422, ['value']]);
    expect(await refused('{"path":1,"value":"canary"}')).toEqual([422, ['path']]);
    expect(await refused('{"path":"$.a","value":"canary","value":"canary"}')).toEqual([400, undefined]);
    expect(await refused('canary')).toEqual([400, undefined]);
    expect((await api.call('POST', '/erasures')).status).toBe(400);
    for (const id of ['x', `ers_${'f'.repeat(24)}`, `rpl_${'f'.repeat(24)}`])
      for (const [method, at] of [
        ['GET', ''],
        ['POST', '/cancel'],
      ] as const)
        expect([id, at, (await api.call(method, `/erasures/${id}${at}`)).status]).toEqual([id, at, 404]);
    expect((await api.call('GET', '/erasures?cursor=x')).status).toBe(400);
  });
});
