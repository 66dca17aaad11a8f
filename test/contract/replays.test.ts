import { expect, test } from 'vitest';
import type { ApiClient, DeliveryAnswer } from '../support/api-client.ts';
import { describeOnEachStore } from '../support/each-store.ts';
import { useSharedApp } from '../support/shared-app.ts';

const DATA = '{"big":12345678901234567890.10,"n":1,"n":2}';
const LONG_AGO = '2020-01-01T00:00:00.000Z';

interface ReplayedDelivery extends DeliveryAnswer {
  replayOf: string | null;
  replayId: string | null;
  lastStatusCode: number | null;
}

interface ReplayAnswer {
  _id: string;
  state: string;
  reason: string | null;
  count: number;
  counted: boolean;
  progress: Record<string, number>;
  finishedAt: string | null;
}

describeOnEachStore('replaying', (make) => {
  const shared = useSharedApp(make, { VELAHOOK_RETRY_SCHEDULE: '20ms,1h' });
  /** The test's own. */
  let api: ApiClient;

  async function arrange(respond?: Parameters<typeof shared.arrange>[1]) {
    const arranged = await shared.arrange(['crm.*'], respond);
    ({ api } = arranged);
    return arranged;
  }

  const publish = (eventId: string) =>
    api.call('POST', '/events', `{"eventType":"crm.lead.created","eventId":"${eventId}","data":${DATA}}`);
  const deliveriesOf = (eventId: string) =>
    api.deliveries(`eventId=${eventId}`) as Promise<ReplayedDelivery[]>;
  const setActive = (id: string, active: boolean) =>
    api.ok('PATCH', `/integrations/webhooks/${id}`, { active });
  async function ended(eventId: string, states: string[]): Promise<ReplayedDelivery[]> {
    await expect.poll(async () => (await deliveriesOf(eventId)).map(({ state }) => state)).toEqual(states);
    return deliveriesOf(eventId);
  }

  test('a delivery again makes a new one with the same eventId and the same bytes', async () => {
    const { requests } = await arrange();
    await publish('again');
    const [first] = await ended('again', ['succeeded']);
    const answer = await api.call('POST', `/deliveries/${first?._id}/replay`);
    expect(answer.status).toBe(202);
    const { delivery } = answer.body.data as { delivery: ReplayedDelivery };
    expect(delivery).toMatchObject({ replayOf: first?._id, replayId: null, eventId: 'again' });
    expect(delivery._id).not.toBe(first?._id);
    const [second] = await ended('again', ['succeeded', 'succeeded']);
    expect(second).toMatchObject({ _id: delivery._id, replayOf: first?._id, attemptCount: 1 });
    const [one, two] = requests();
    expect(two?.body).toEqual(one?.body);
    expect(one?.body.toString()).toContain(`"data":${DATA}}`);
    expect(two?.headers['webhook-id']).toBe('again');
    expect(two?.headers['x-webhook-attempt']).toBe('1');
    expect(two?.headers['x-webhook-delivery-id']).not.toBe(one?.headers['x-webhook-delivery-id']);
    const byAttempt = String(two?.headers['x-webhook-delivery-id']);
    expect((await api.call('POST', `/deliveries/${byAttempt}/replay`)).body.data).toMatchObject({
      delivery: { replayOf: delivery._id },
    });
    const { event } = await api.ok<{ event: object }>('GET', '/events/again');
    expect(event).toMatchObject({ deliveryCount: 3 });
  });

  test('a delivery that waits for a retry takes its place, so that the event is under way once', async () => {
    let status = 500;
    const { requests } = await arrange(() => ({ status }));
    await publish('waits');
    await expect.poll(() => requests().length).toBe(2);
    const [waiting] = await deliveriesOf('waits');
    status = 200;
    await api.ok('POST', `/deliveries/${waiting?._id}/replay`);
    const [again, old] = await ended('waits', ['succeeded', 'cancelled']);
    expect([again?.replayOf, old?._id, old?.attemptCount]).toEqual([waiting?._id, waiting?._id, 2]);
    expect(requests()).toHaveLength(3);
  });

  test('an event goes to those that match it now, or to those that are named', async () => {
    const one = await arrange();
    const other = await api.subscribe({ url: shared.receiver.url('/other'), events: ['inbox.*'] });
    await publish('event');
    await ended('event', ['succeeded']);
    const two = await api.subscribe({ url: shared.receiver.url('/two'), events: ['crm.lead.created'] });
    const replay = async (body?: object) => {
      const { deliveries } = await api.ok<{ deliveries: ReplayedDelivery[] }>(
        'POST',
        '/events/event/replay',
        body,
      );
      return deliveries.map(({ subscriptionId }) => subscriptionId).toSorted();
    };
    expect(await replay()).toEqual([one.subscriptionId, two._id].toSorted());
    expect(await replay({ subscriptionIds: [other._id] })).toEqual([other._id]);
    await setActive(two._id, false);
    expect(await replay({})).toEqual([one.subscriptionId]);
    const calls: [number, unknown][] = [
      [409, { subscriptionIds: [two._id] }],
      [404, { subscriptionIds: ['f'.repeat(24)] }],
      [422, { subscriptionIds: [] }],
      [422, { subscriptionIds: [7], more: 1 }],
      [400, '{'],
    ];
    for (const [status, body] of calls)
      expect([body, (await api.call('POST', '/events/event/replay', body)).status]).toEqual([body, status]);
    expect((await api.call('POST', '/events/unknown/replay')).status).toBe(404);
    await setActive(one.subscriptionId, false);
    const answer = await api.call('POST', '/events/event/replay');
    expect([answer.status, answer.body.error?.message]).toEqual([
      409,
      expect.stringContaining('"active":true'),
    ]);
  });

  test('for a subscription that is not active is a 409 that says what to do', async () => {
    const { subscriptionId } = await arrange();
    await publish('inactive');
    const [delivery] = await ended('inactive', ['succeeded']);
    await setActive(subscriptionId, false);
    for (const path of [
      `/deliveries/${delivery?._id}/replay`,
      `/integrations/webhooks/${subscriptionId}/replay`,
    ]) {
      const answer = await api.call('POST', path, path.startsWith('/int') ? { since: LONG_AGO } : undefined);
      expect([path, answer.status, answer.body.error?.message]).toEqual([
        path,
        409,
        expect.stringContaining('PATCH it with {"active":true}'),
      ]);
    }
    await api.ok('DELETE', `/integrations/webhooks/${subscriptionId}`);
    expect((await api.call('POST', `/deliveries/${delivery?._id}/replay`)).status).toBe(409);
    expect(await deliveriesOf('inactive')).toHaveLength(1);
  });

  test('what was missed is a job, which counts what becomes of it', async () => {
    let status = 500;
    const { subscriptionId, requests } = await arrange(() => ({ status }));
    const eventIds = Array.from({ length: 30 }, (_, i) => `missed-${i}`);
    for (const eventId of eventIds) await publish(eventId);
    // After two attempts each the next is an hour away; one never to come, one delivered in the end.
    await expect.poll(() => requests().length, { timeout: 30_000 }).toBe(60);
    const [gone] = await deliveriesOf('missed-3');
    await api.ok('POST', `/deliveries/${gone?._id}/cancel`);
    status = 200;
    const [better] = await deliveriesOf('missed-5');
    await api.ok('POST', `/deliveries/${better?._id}/replay`);
    await ended('missed-5', ['succeeded', 'cancelled']);
    await api.ok('POST', '/events', { eventType: 'crm.deal.won', data: {}, eventId: 'fine' });
    const path = `/integrations/webhooks/${subscriptionId}/replay`;
    const answer = await api.call('POST', path, { since: LONG_AGO });
    expect(answer.status).toBe(202);
    const { replay } = answer.body.data as { replay: ReplayAnswer };
    expect(replay).toMatchObject({
      state: 'running',
      count: 29,
      counted: true,
      progress: { made: 0 },
      subscriptionId,
    });
    const shown = async () =>
      (await api.ok<{ replay: ReplayAnswer }>('GET', `/replays/${replay._id}`)).replay;
    await expect.poll(async () => (await shown()).state).toBe('done');
    expect(await shown()).toMatchObject({
      count: 29,
      reason: null,
      finishedAt: expect.any(String) as string,
      progress: {
        made: 29,
        pending: 0,
        succeeded: 29,
        failed: 0,
        cancelled: 0,
      },
    });
    const again = requests()
      .slice(60)
      .map(({ headers }) => String(headers['webhook-id']));
    expect(again.toSorted()).toEqual([...eventIds, 'fine'].toSorted());
    // Oldest first.
    expect(again.filter((id) => !['missed-5', 'fine'].includes(id)).slice(0, 3)).toEqual([
      'missed-0',
      'missed-1',
      'missed-2',
    ]);
    const [made] = await deliveriesOf('missed-3');
    expect(made).toMatchObject({ state: 'succeeded', replayOf: gone?._id, replayId: replay._id });
    const { items } = await api.ok<{ items: ReplayAnswer[] }>('GET', '/replays');
    expect(items.map(({ _id }) => _id)).toEqual([replay._id]);
    expect((await api.call('POST', `/replays/${replay._id}/cancel`)).status).toBe(409);
    // Nothing is left to be replayed.
    const empty = await api.ok<{ replay: ReplayAnswer }>('POST', path, { since: LONG_AGO });
    expect(empty.replay.count).toBe(0);
  });

  test('a job can be cancelled, with what it made and was not delivered yet', async () => {
    const { subscriptionId, requests } = await arrange({ status: 500 });
    for (let i = 0; i < 40; i++) await publish(`stopped-${i}`);
    await expect.poll(() => requests().length, { timeout: 30_000 }).toBe(80);
    const path = `/integrations/webhooks/${subscriptionId}/replay`;
    const { replay } = await api.ok<{ replay: ReplayAnswer }>('POST', path, { since: LONG_AGO });
    expect((await api.call('POST', path, { since: LONG_AGO })).status).toBe(409);
    const shown = async () =>
      (await api.ok<{ replay: ReplayAnswer }>('GET', `/replays/${replay._id}`)).replay;
    await expect.poll(async () => (await shown()).progress['made']).toBeGreaterThan(0);
    const cancelled = await api.ok<{ replay: ReplayAnswer }>('POST', `/replays/${replay._id}/cancel`);
    expect(cancelled.replay).toMatchObject({ state: 'cancelled', reason: 'requested' });
    await expect.poll(async () => (await shown()).finishedAt).not.toBeNull();
    const { progress } = await shown();
    expect(progress).toMatchObject({ pending: 0, cancelled: progress['made'] });
    const made = ((await api.deliveries()) as ReplayedDelivery[]).filter(
      ({ replayId }) => replayId === replay._id,
    );
    expect(made.map(({ state }) => state)).toEqual(made.map(() => 'cancelled'));
    expect(made).toHaveLength(progress['made'] ?? 0);
  });

  test('a job refuses all that is wrong at once', async () => {
    const { subscriptionId } = await arrange();
    const path = `/integrations/webhooks/${subscriptionId}/replay`;
    const paths = async (body: unknown) => {
      const answer = await api.call('POST', path, body);
      expect(answer.status).toBe(422);
      return answer.body.error?.details?.errors.map((each) => each.path).toSorted();
    };
    expect(await paths({})).toEqual(['since']);
    expect(await paths({ since: 'soon', states: ['lost'], eventTypes: ['crm.*'], more: 1 })).toEqual(
      ['eventTypes[0]', 'more', 'since', 'states[0]'].toSorted(),
    );
    expect(await paths({ since: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' })).toEqual(['until']);
    expect(await paths({ since: '2999-01-01T00:00:00Z' })).toEqual(['since']);
    expect((await api.call('POST', path)).status).toBe(422);
    for (const id of ['x', `rpl_${'f'.repeat(24)}`, `dlv_${'f'.repeat(24)}`])
      for (const [method, at] of [
        ['GET', ''],
        ['POST', '/cancel'],
      ] as const)
        expect([id, at, (await api.call(method, `/replays/${id}${at}`)).status]).toEqual([id, at, 404]);
    expect((await api.call('GET', '/replays?cursor=x')).status).toBe(400);
  });

  test('a cancelled delivery is attempted no more; one that has ended is a 409', async () => {
    const { requests } = await arrange({ status: 500 });
    await publish('cancelled');
    await expect.poll(() => requests().length).toBe(2);
    const [delivery] = await deliveriesOf('cancelled');
    const answer = await api.call('POST', `/deliveries/${delivery?._id}/cancel`);
    expect([answer.status, answer.body.data]).toEqual([
      200,
      {
        delivery: expect.objectContaining({
          _id: delivery?._id,
          state: 'cancelled',
          nextAttemptAt: null,
        }) as object,
      },
    ]);
    const again = await api.call('POST', `/deliveries/${delivery?._id}/cancel`);
    expect([again.status, again.body.error?.message]).toEqual([409, expect.stringContaining('cancelled')]);
    expect((await api.call('POST', `/deliveries/dlv_${'f'.repeat(24)}/cancel`)).status).toBe(404);
  });

  test('an attempt in flight that succeeds wins over the cancelling; one that fails does not', async () => {
    const answered = Promise.withResolvers<object>();
    const failing = Promise.withResolvers<object>();
    const bodies = new Map([
      ['wins', answered.promise],
      ['loses', failing.promise],
    ]);
    const { requests } = await arrange(({ headers }) => bodies.get(String(headers['webhook-id'])) ?? {});
    for (const eventId of ['wins', 'loses']) await publish(eventId);
    await expect.poll(() => requests().length).toBe(2);
    for (const eventId of ['wins', 'loses']) {
      const [delivery] = await deliveriesOf(eventId);
      expect(delivery?.state).toBe('delivering');
      await api.ok('POST', `/deliveries/${delivery?._id}/cancel`);
    }
    answered.resolve({ status: 200 });
    failing.resolve({ status: 500 });
    await ended('wins', ['succeeded']);
    await expect.poll(async () => (await deliveriesOf('loses'))[0]?.lastStatusCode).toBe(500);
    expect(await deliveriesOf('loses')).toMatchObject([{ state: 'cancelled', attemptCount: 1 }]);
    expect(requests()).toHaveLength(2);
  });

  test('what waits in memory behind a full lane is not attempted once it is cancelled', async () => {
    const open = Promise.withResolvers<object>();
    const { requests } = await arrange(() => open.promise);
    const eventIds = Array.from({ length: 30 }, (_, i) => `queued-${i}`);
    await Promise.all(eventIds.map(publish));
    await expect.poll(() => requests().length).toBe(8);
    const all = await api.deliveries('state=pending');
    const waiting = all.filter(({ state }) => state === 'pending');
    expect(waiting).toHaveLength(22);
    for (const { _id } of waiting) await api.ok('POST', `/deliveries/${_id}/cancel`);
    open.resolve({});
    await expect.poll(async () => (await api.deliveries('state=succeeded')).length).toBe(8);
    await publish('last');
    await ended('last', ['succeeded']);
    expect(requests()).toHaveLength(9);
  });
});
