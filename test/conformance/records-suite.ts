import { describe, expect, test } from 'vitest';
import type { AttemptToRecord } from '../../src/store/contract/records.ts';
import type { OpenStore, RecordGiven } from './fixtures.ts';
import {
  T0,
  aNotice,
  aRecord,
  deliveryIdOf,
  failed,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from './fixtures.ts';
import type { Opened } from './opened.ts';
import { sharedStore, storePerTest } from './opened.ts';

const RECORDED = { result: 'recorded', deactivated: false };
const CANCELLED = { result: 'cancelled', deactivated: false };
const SUPERSEDED = { result: 'superseded', deactivated: false };

export function describeRecords(open: OpenStore): void {
  describe('records', () => {
    const arrange = arranging(sharedStore(open));
    test('a success finishes the delivery', async () => {
      const { store, subscription, record, find } = await arrange();
      expect(await record({ startedAt: T0 + 1 }, T0 + 2)).toEqual([RECORDED]);
      expect(await find()).toMatchObject({
        state: 'succeeded',
        attempts: 1,
        dueAt: null,
        firstAttemptAt: T0 + 1,
        finishedAt: T0 + 2,
        lastOutcome: 'success',
        lastStatusCode: 200,
        lastError: null,
        failureReason: null,
      });
      expect((await store.loadLane(subscription.id, 10, 10)).first).toEqual([]);
    });

    test('a failure makes it due again', async () => {
      const { store, subscription, record, find } = await arrange();
      await record({ startedAt: T0 + 1, ...retryAt(T0 + 1000) });
      await record({ startedAt: T0 + 1001, number: 2, ...retryAt(T0 + 3000) });
      expect(await find()).toMatchObject({
        state: 'pending',
        attempts: 2,
        dueAt: T0 + 3000,
        firstAttemptAt: T0 + 1,
        finishedAt: null,
        lastStatusCode: 500,
        lastError: 'The receiver answered 500.',
      });
      const { first, retries } = await store.loadLane(subscription.id, 10, 10);
      expect([first.length, retries.length]).toEqual([0, 1]);
    });

    test('the last failure ends it, with the reason', async () => {
      const { record, find } = await arrange();
      await record(failed('exhausted'), T0 + 7);
      expect(await find()).toMatchObject({ state: 'failed', failureReason: 'exhausted', finishedAt: T0 + 7 });
    });

    test('attempts are stored whole, and listed by number', async () => {
      const { record, attempts } = await arrange();
      const whole = {
        id: 'att_000000000000000000000001',
        startedAt: T0 + 5,
        durationMs: 123,
        outcome: 'http_status' as const,
        statusCode: 503,
        error: 'The receiver answered 503.',
        responseBody: Uint8Array.of(0, 255, 10, 13),
        responseTruncated: true,
        responseHeaders: 'server: caf\u00e9\nx-empty: \n+12',
        request: '1764000000 110 https://hooks.example.com/a Authorization',
        timing: '12 3 8 100',
        remoteAddress: '2606:4700::1',
      };
      await record({ ...retryAt(T0), attempt: whole });
      await record({
        number: 2,
        attempt: { id: 'att_000000000000000000000002', responseBody: new Uint8Array(0) },
      });
      expect(await attempts()).toEqual([
        { ...whole, number: 1 },
        {
          id: 'att_000000000000000000000002',
          number: 2,
          startedAt: T0,
          durationMs: 20,
          outcome: 'success',
          statusCode: 200,
          error: null,
          responseBody: new Uint8Array(0),
          responseTruncated: false,
          responseHeaders: null,
          request: null,
          timing: null,
          remoteAddress: null,
        },
      ]);
    });

    test('the same record twice is superseded the second time', async () => {
      const { record, attempts } = await arrange();
      expect(await record(retryAt(T0 + 1))).toEqual([RECORDED]);
      expect(await record(retryAt(T0 + 2))).toEqual([SUPERSEDED]);
      expect(await attempts()).toHaveLength(1);
    });

    test('an attempt that is stored already is answered as the first time, and stored once', async () => {
      const { store, epoch, event, find, attempts } = await arrange();
      const again = (record: AttemptToRecord, at = T0) => store.recordAttempts(epoch, [record, record], at);
      const failure = aRecord(event, retryAt(T0 + 1));
      expect(await again(failure)).toEqual([RECORDED, RECORDED]);
      const success = aRecord(event, { number: 2 });
      expect(await again(success)).toEqual([RECORDED, RECORDED]);
      expect(await again(success, T0 + 9)).toEqual([RECORDED, RECORDED]);
      expect(await again(failure)).toEqual([RECORDED, RECORDED]);
      expect(await find()).toMatchObject({ state: 'succeeded', attempts: 2, finishedAt: T0 });
      expect(await attempts()).toMatchObject([{ id: failure.attempt.id }, { id: success.attempt.id }]);
    });

    test('a number out of turn is superseded, and nothing is stored', async () => {
      const { record, find, attempts } = await arrange();
      expect(await record({ number: 2 })).toEqual([SUPERSEDED]);
      expect(await find()).toMatchObject({ state: 'pending', attempts: 0 });
      expect(await attempts()).toEqual([]);
    });

    test('a finished delivery is not finished again', async () => {
      const { record, find } = await arrange();
      await record({});
      expect(await record({ number: 2, ...failed() })).toEqual([SUPERSEDED]);
      expect(await find()).toMatchObject({ state: 'succeeded', attempts: 1 });
    });

    test('a failed delivery stays failed, also after a late success', async () => {
      const { record, find } = await arrange();
      await record(failed());
      expect(await record({ number: 2 })).toEqual([SUPERSEDED]);
      expect((await find())?.state).toBe('failed');
    });

    test('an unknown delivery is superseded', async () => {
      const { store, epoch, event } = await arrange();
      const record = { ...aRecord(event), deliveryId: 'dlv_unknown' };
      expect(await store.recordAttempts(epoch, [record], T0)).toEqual([SUPERSEDED]);
    });

    test('each is checked by itself, in order, within one call', async () => {
      const { store, epoch, event, find } = await arrange();
      const records = [
        aRecord(event, retryAt(T0)),
        aRecord(event, retryAt(T0)),
        aRecord(event, { number: 2 }),
        aRecord(event, { number: 3 }),
      ];
      expect(await store.recordAttempts(epoch, records, T0)).toEqual([
        RECORDED,
        SUPERSEDED,
        RECORDED,
        SUPERSEDED,
      ]);
      expect(await find()).toMatchObject({ state: 'succeeded', attempts: 2 });
    });

    test('a call is stored whole or not at all', async () => {
      const { store, epoch, event, subscription, find } = await arrange();
      const other = await publish(store, epoch, [subscription]);
      const attempt = { id: 'att_0000000000000000000000aa' };
      const records = [aRecord(event, { attempt }), aRecord(other, { attempt })];
      await expect(store.recordAttempts(epoch, records, T0)).rejects.toBeInstanceOf(Error);
      expect(await find()).toMatchObject({ state: 'pending', attempts: 0 });
    });
  });

  describe('records after the subscription stopped:', () => {
    const arrange = arranging(storePerTest(open));

    test('a failure cancels the delivery, and the attempt is stored', async () => {
      const { record, find, attempts, stop } = await arrange();
      await stop();
      expect(await record(retryAt(T0 + 1000), T0 + 3)).toEqual([CANCELLED]);
      expect(await find()).toMatchObject({
        state: 'cancelled',
        attempts: 1,
        dueAt: null,
        finishedAt: T0 + 3,
      });
      expect(await attempts()).toHaveLength(1);
    });

    test('a success wins', async () => {
      const { record, find, stop } = await arrange();
      await stop();
      expect(await record()).toEqual([RECORDED]);
      expect((await find())?.state).toBe('succeeded');
    });

    test('a success wins over a cancellation that was written down', async () => {
      const { store, record, find, stop } = await arrange();
      await stop();
      await store.cancelStale(10, [], T0);
      expect(await record({}, T0 + 4)).toEqual([RECORDED]);
      expect(await find()).toMatchObject({ state: 'succeeded', finishedAt: T0 + 4 });
    });

    test('a failure after the cancellation was written down is stored, and changes nothing', async () => {
      const { store, record, find, attempts, stop } = await arrange();
      await stop();
      await store.cancelStale(10, [], T0);
      expect(await record(failed())).toEqual([CANCELLED]);
      expect(await find()).toMatchObject({ state: 'cancelled', failureReason: null, attempts: 1 });
      expect(await attempts()).toHaveLength(1);
    });
  });

  describe('records of a node that is dead to the others', () => {
    const opened = storePerTest(open);
    const arrange = arranging(opened);

    test('are superseded when they are failures: the lane may have another owner', async () => {
      const { record, find, attempts } = await arrange();
      await opened.registerSuccessor();
      expect(await record(retryAt(T0 + 1000))).toEqual([SUPERSEDED]);
      expect(await record(failed())).toEqual([SUPERSEDED]);
      expect(await find()).toMatchObject({ state: 'pending', attempts: 0, dueAt: T0 });
      expect(await attempts()).toEqual([]);
    });

    test('settle what is still pending when they are successes', async () => {
      const { store, event, record, find } = await arrange();
      const next = await opened.registerSuccessor();
      expect(await record({}, T0 + 3)).toEqual([RECORDED]);
      expect(await find()).toMatchObject({ state: 'succeeded', attempts: 1, finishedAt: T0 + 3 });
      expect(await store.recordAttempts(next.epoch, [aRecord(event, failed())], T0)).toEqual([SUPERSEDED]);
    });

    test('are superseded where the next owner was first', async () => {
      const { store, event, record, find, attempts } = await arrange();
      const next = await opened.registerSuccessor();
      await store.recordAttempts(next.epoch, [aRecord(event, retryAt(T0 + 1000))], T0);
      expect(await record()).toEqual([SUPERSEDED]);
      expect(await find()).toMatchObject({ state: 'pending', attempts: 1 });
      expect(await attempts()).toHaveLength(1);
    });

    test('do not undo a cancellation that was written down', async () => {
      const { store, record, find, stop } = await arrange();
      await stop();
      await store.cancelStale(10, [], T0);
      await opened.registerSuccessor();
      expect(await record()).toEqual([SUPERSEDED]);
      expect(await find()).toMatchObject({ state: 'cancelled', attempts: 0 });
    });

    test('are answered as the first time when they were stored before', async () => {
      const { store, epoch, event } = await arrange();
      const failure = aRecord(event, retryAt(T0 + 1000));
      expect(await store.recordAttempts(epoch, [failure], T0)).toEqual([RECORDED]);
      await opened.registerSuccessor();
      expect(await store.recordAttempts(epoch, [failure], T0)).toEqual([RECORDED]);
    });
  });

  describe('records of a 410', () => {
    const arrange = arranging(storePerTest(open));

    test('deactivate the subscription and leave the notice in the same commit', async () => {
      const { store, workspaceId, subscription, record, find } = await arrange();
      const { version } = await store.loadSubscriptions(workspaceId);
      const deactivation = aNotice();
      expect(await record({ ...failed('gone'), deactivation }, T0 + 5)).toEqual([
        { result: 'recorded', deactivated: true },
      ]);
      expect(await find()).toMatchObject({ state: 'failed', failureReason: 'gone' });
      expect(await store.findSubscription(workspaceId, subscription.id)).toMatchObject({
        status: 'deactivated',
        deactivationReason: 'gone',
        deactivatedAt: T0 + 5,
        generation: 2,
      });
      expect((await store.loadSubscriptions(workspaceId)).version).toBeGreaterThan(version);
      expect(await store.listNotices(10)).toEqual([
        { ...deactivation, workspaceId, subscriptionId: subscription.id, createdAt: T0 + 5 },
      ]);
    });

    test('leave it from when on nothing has reached it: not before a success of the same commit', async () => {
      const { store, epoch, workspaceId, subscription, event } = await arrange();
      const [two, three] = [
        await publish(store, epoch, [subscription]),
        await publish(store, epoch, [subscription]),
      ];
      await store.recordAttempts(epoch, [aRecord(event, { ...retryAt(T0 + 9), startedAt: T0 + 1 })], T0 + 2);
      const gone = { ...failed('gone'), deactivation: aNotice(), startedAt: T0 + 4 };
      const records = [aRecord(two, { startedAt: T0 + 3 }), aRecord(three, gone)];
      await store.recordAttempts(epoch, records, T0 + 5);
      const found = await store.findSubscription(workspaceId, subscription.id);
      expect(found).toMatchObject({ status: 'deactivated', missingSince: T0 + 4 });
    });

    test('deactivate once, and cancel what else was in flight', async () => {
      const { store, epoch, subscription, event } = await arrange();
      const other = await publish(store, epoch, [subscription]);
      const gone = (of: typeof event) => aRecord(of, { ...failed('gone'), deactivation: aNotice() });
      expect(await store.recordAttempts(epoch, [gone(event), gone(other)], T0)).toEqual([
        { result: 'recorded', deactivated: true },
        CANCELLED,
      ]);
      expect(await store.listNotices(10)).toHaveLength(1);
    });

    test('deactivate nothing when the subscription was switched off and on in between', async () => {
      const { store, workspaceId, subscription, record, stop } = await arrange();
      await stop();
      await store.updateSubscription(workspaceId, subscription.id, { status: 'active' }, T0);
      expect(await record({ ...failed('gone'), deactivation: aNotice() })).toEqual([CANCELLED]);
      expect(await store.findSubscription(workspaceId, subscription.id)).toMatchObject({ status: 'active' });
      expect(await store.listNotices(10)).toEqual([]);
    });

    test('deactivate nothing when it was the old URL that answered', async () => {
      const { store, workspaceId, subscription, record, find } = await arrange();
      await store.updateSubscription(workspaceId, subscription.id, { url: 'https://new.example.com/' }, T0);
      const gone = { ...failed('gone'), deactivation: aNotice(), url: subscription.url };
      expect(await record(gone)).toEqual([RECORDED]);
      expect(await find()).toMatchObject({ state: 'failed', failureReason: 'gone' });
      expect(await store.findSubscription(workspaceId, subscription.id)).toMatchObject({ status: 'active' });
      expect(await store.listNotices(10)).toEqual([]);
    });

    test('that are superseded deactivate nothing', async () => {
      const { store, record } = await arrange();
      expect(await record({ number: 9, ...failed('gone'), deactivation: aNotice() })).toEqual([SUPERSEDED]);
      expect(await store.listNotices(10)).toEqual([]);
    });
  });
}

/** A delivery to record attempts of. */
function arranging(opened: Opened) {
  return async () => {
    const { store, epoch } = opened;
    const workspaceId = await makeWorkspace(store);
    const subscription = await makeSubscription(store, workspaceId);
    const event = await publish(store, epoch, [subscription]);
    const id = deliveryIdOf(event);
    const record = (given: RecordGiven = {}, at = T0) =>
      store.recordAttempts(epoch, [aRecord(event, given)], at);
    const find = () => store.findDelivery(workspaceId, id);
    const attempts = () => store.listAttempts(workspaceId, id);
    const stop = () => store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, T0);
    return { store, epoch, workspaceId, subscription, event, record, find, attempts, stop };
  };
}
