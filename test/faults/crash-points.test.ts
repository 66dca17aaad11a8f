import { describe, expect, test } from 'vitest';
import type { DeliveryAnswer, DeliveryDetailAnswer } from '../support/api-client.ts';
import { useCrashScene } from '../support/crash-scene.ts';
import { describeOnEachStore } from '../support/each-store.ts';
import type { ReceivedRequest } from '../support/receiver.ts';

// ARCHITECTURE.md, "What a crash means", row by row: the process dies at a named point, and the next one goes on.

const EVENT = 'crm.lead.created';
const FINAL = new Set(['succeeded', 'failed', 'cancelled', 'skipped']);
const POLL = { timeout: 15_000, interval: 20 };

describeOnEachStore('a server that dies', (make) => {
  const scene = useCrashScene(make, { VELAHOOK_RETRY_SCHEDULE: '1s,1s,1s' });

  /** Publishes where the publisher may get no answer. */
  async function publishUnanswered(eventId: string): Promise<void> {
    await scene.server.api.publish(EVENT, { n: 1 }, { eventId }).catch(() => undefined);
  }

  /** The event's deliveries, once all `count` of them are in a final state. */
  async function ended(eventId: string, count = 1): Promise<DeliveryAnswer[]> {
    await expect
      .poll(async () => {
        const { event } = await scene.server.api.ok<{ event: { states: Record<string, number> } }>(
          'GET',
          `/events/${eventId}`,
        );
        return Object.entries(event.states).reduce((sum, [state, n]) => sum + (FINAL.has(state) ? n : 0), 0);
      }, POLL)
      .toBe(count);
    return scene.server.api.deliveries(`eventId=${eventId}`);
  }

  async function endedAlone(eventId: string): Promise<DeliveryDetailAnswer> {
    const [delivery] = await ended(eventId);
    return scene.server.api.delivery(delivery?._id ?? '');
  }

  describe('publishing', () => {
    test('before the commit: nothing is stored, and publishing again is the first time', async () => {
      await scene.start('before-commit');
      await scene.server.api.subscribe({ url: scene.receiver.url(), events: [EVENT] });
      await expect(scene.server.api.publish(EVENT, { n: 1 }, { eventId: 'order-1' })).rejects.toThrow(
        'fetch failed',
      );
      await scene.expectKilled();
      await scene.start();
      expect((await scene.server.api.call('GET', '/events/order-1')).status).toBe(404);
      expect(await scene.server.api.publish(EVENT, { n: 1 }, { eventId: 'order-1' })).toMatchObject({
        duplicate: false,
        deliveries: 1,
      });
      expect(await endedAlone('order-1')).toMatchObject({ state: 'succeeded', attemptCount: 1 });
      expect(scene.receiver.requests).toHaveLength(1);
    });

    test('after the commit, before the answer: it is delivered, and publishing again answers duplicate', async () => {
      await scene.start('after-commit');
      await scene.server.api.subscribe({ url: scene.receiver.url(), events: [EVENT] });
      await expect(scene.server.api.publish(EVENT, { n: 1 }, { eventId: 'order-2' })).rejects.toThrow(
        'fetch failed',
      );
      await scene.expectKilled();
      expect(scene.receiver.requests).toHaveLength(0);
      await scene.start();
      await scene.receiver.waitFor(1);
      expect(await scene.server.api.publish(EVENT, { n: 1 }, { eventId: 'order-2' })).toMatchObject({
        duplicate: true,
        deliveries: 1,
      });
      expect(await endedAlone('order-2')).toMatchObject({ state: 'succeeded', attemptCount: 1 });
      expect(scene.receiver.requests).toHaveLength(1);
    });

    test('in the middle of a large fan-out: the next start goes on behind the cursor', async () => {
      const count = 1_010;
      await scene.start('before-commit:continueFanout', { VELAHOOK_MAX_SUBSCRIPTIONS: '2000' });
      const paths = Array.from({ length: count }, (_, i) => `/s${i}`);
      // A store that many share answers 503 to those that would wait too long.
      for (let i = 0; i < count; i += 100) {
        const some = paths.slice(i, i + 100);
        await Promise.all(
          some.map((path) => scene.server.api.subscribe({ url: scene.receiver.url(path), events: [EVENT] })),
        );
      }
      await publishUnanswered('wide');
      await scene.expectKilled();
      await scene.start();
      const deliveries = await ended('wide', count);
      expect(new Set(deliveries.map(({ subscriptionId }) => subscriptionId)).size).toBe(count);
      expect(deliveries.every(({ state, attemptCount }) => state === 'succeeded' && attemptCount === 1)).toBe(
        true,
      );
      expect(new Set(scene.receiver.requests.map(({ path }) => path))).toEqual(new Set(paths));
    });
  });

  describe('delivering', () => {
    test('with deliveries in memory: all are made, those in flight again under the same number', async () => {
      scene.receiver.respond({ hang: true });
      await scene.start();
      await scene.server.api.subscribe({ url: scene.receiver.url(), events: [EVENT] });
      const eventIds = Array.from({ length: 30 }, (_, i) => `m${i}`);
      await Promise.all(eventIds.map((eventId) => scene.server.api.publish(EVENT, {}, { eventId })));
      const inFlight = (await scene.receiver.waitFor(8)).length;
      await scene.kill();
      scene.receiver.respond({});
      await scene.start();
      const all = await scene.receiver.waitFor(inFlight + eventIds.length);
      await expect
        .poll(async () => (await scene.server.api.deliveries('state=succeeded')).length, POLL)
        .toBe(30);
      expect(all).toHaveLength(inFlight + eventIds.length);
      expect(new Set(all.map(numberOf))).toEqual(new Set(['1']));
      expect(new Set(all.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(eventIds));
    });

    test.each(['after-post-before-record', 'before-commit:recordAttempts'])(
      '%s: made again under the same number, with the same eventId and bytes, and recorded once',
      async (point) => {
        await scene.start(point);
        await scene.server.api.subscribe({
          url: scene.receiver.url(),
          events: [EVENT],
          secret: 'a-secret-of-mine',
        });
        await publishUnanswered('twice');
        await scene.expectKilled();
        await scene.start();
        const [first, again] = await scene.receiver.waitFor(2);
        const delivery = await endedAlone('twice');
        expect(delivery).toMatchObject({ state: 'succeeded', attemptCount: 1 });
        expect(delivery.attempts.map(({ _id, number }) => [_id, number])).toEqual([
          [again?.headers['x-webhook-delivery-id'], 1],
        ]);
        expect(scene.receiver.requests.map(numberOf)).toEqual(['1', '1']);
        expect(again?.body).toEqual(first?.body);
        for (const header of ['webhook-id', 'x-webhook-signature'])
          expect(again?.headers[header]).toBe(first?.headers[header]);
        expect(again?.headers['x-webhook-delivery-id']).not.toBe(first?.headers['x-webhook-delivery-id']);
      },
    );

    test('after the record: the retry is stored with its due time, and its number goes on', async () => {
      scene.receiver.respond(({ number }) => ({ status: number === 1 ? 500 : 200 }));
      await scene.start('after-commit:recordAttempts');
      await scene.server.api.subscribe({ url: scene.receiver.url(), events: [EVENT] });
      await publishUnanswered('once');
      await scene.expectKilled();
      await scene.start();
      const [first, second] = await scene.receiver.waitFor(2);
      expect(await endedAlone('once')).toMatchObject({ state: 'succeeded', attemptCount: 2 });
      expect(scene.receiver.requests.map(numberOf)).toEqual(['1', '2']);
      expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(1_000);
    });

    test('after the record of a success: nothing is repeated', async () => {
      await scene.start('after-commit:recordAttempts');
      await scene.server.api.subscribe({ url: scene.receiver.url(), events: [EVENT] });
      await publishUnanswered('done');
      await scene.expectKilled();
      await scene.start();
      expect(await endedAlone('done')).toMatchObject({ state: 'succeeded', attemptCount: 1 });
      // What comes after it in the same lane would come after a repetition, too.
      await scene.server.api.publish(EVENT, {}, { eventId: 'next' });
      await endedAlone('next');
      expect(scene.receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual(['done', 'next']);
    });
  });

  describe('after a subscription stopped', () => {
    test.each(['after-commit:recordAttempts', 'before-commit:removeNotices'])(
      '%s: who asked to be told of the deactivation gets one event',
      async (point) => {
        scene.receiver.respondAt('/gone', { status: 410 });
        await scene.start(point);
        const gone = await scene.server.api.subscribe({ url: scene.receiver.url('/gone'), events: [EVENT] });
        const told = 'webhook.subscription.deactivated';
        await scene.server.api.subscribe({ url: scene.receiver.url('/told'), events: [told] });
        await publishUnanswered('last');
        await scene.expectKilled();
        await scene.start();
        await scene.receiver.waitFor(1, ({ path }) => path === '/told');
        expect(await endedAlone('last')).toMatchObject({ state: 'failed', failureReason: 'gone' });
        const { items } = await scene.server.api.ok<{ items: object[] }>('GET', `/events?eventType=${told}`);
        expect(items).toHaveLength(1);
        const ids = scene.receiver.requests
          .filter(({ path }) => path === '/told')
          .map(({ headers }) => headers);
        expect(new Set(ids.map((headers) => headers['webhook-id'])).size).toBe(1);
        const { subscription } = await scene.server.api.ok<{ subscription: object }>(
          'GET',
          `/integrations/webhooks/${gone._id}`,
        );
        expect(subscription).toMatchObject({ status: 'deactivated', deactivationReason: 'gone' });
      },
    );

    test('before a backlog is cancelled: none of it is attempted again, and all of it ends as cancelled', async () => {
      scene.receiver.respond({ hang: true });
      await scene.start('after-commit:updateSubscription');
      const { _id } = await scene.server.api.subscribe({ url: scene.receiver.url(), events: [EVENT] });
      const count = 520;
      await scene.server.api.publishMany(EVENT, count);
      const inFlight = (await scene.receiver.waitFor(8)).length;
      await scene.server.api
        .ok('PATCH', `/integrations/webhooks/${_id}`, { active: false })
        .catch(() => undefined);
      await scene.expectKilled();
      await scene.start();
      await expect
        .poll(async () => (await scene.server.api.deliveries('state=cancelled')).length, POLL)
        .toBe(count);
      expect(scene.receiver.requests).toHaveLength(inFlight);
    });
  });
});

function numberOf({ headers }: ReceivedRequest): string {
  return String(headers['x-webhook-attempt']);
}
