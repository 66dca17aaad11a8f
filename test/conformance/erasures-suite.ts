import { describe, expect, test } from 'vitest';
import type { Erasure } from '../../src/domain/erasure.ts';
import { ERASED_DATA, withoutData } from '../../src/domain/event.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import type { ErasureStep, ErasureStepCommit, FoundEvent } from '../../src/store/contract/erasures.ts';
import { BYTES_EXAMINED_AT_ONCE } from '../../src/store/contract/erasures.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import { InvalidCursor } from '../../src/store/contract/history.ts';
import type { OpenStore } from './fixtures.ts';
import {
  anEvent,
  anId,
  aRecord,
  deliveryIdOf,
  failed,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
  T0,
} from './fixtures.ts';
import { sharedStore, storePerTest } from './opened.ts';
import { aReplay } from './replays-suite.ts';

const LATER = T0 + 1_000;
const SEALED = Uint8Array.of(1, 2, 3);
const RESPONSE = new Uint8Array(Buffer.from('Thanks, Ada'));
/** What else an attempt has that tells of it; only the first is the receiver's. */
const SEEN = {
  responseHeaders: 'x-customer: Ada\n',
  request: '1764000000 010 https://hooks.example.com/a',
  timing: '- - - 20',
  remoteAddress: '203.0.113.9',
};

export function describeErasures(open: OpenStore): void {
  describe('an erasure', () => {
    const opened = sharedStore(open);

    async function arrange(given: Partial<Subscription> = {}) {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId, given);
      const begin = async (): Promise<Erasure> => {
        const id = `ers_${anId()}`;
        const made = await store.createErasure(
          { id, workspaceId, path: '$.n', sealedValue: SEALED, createdAt: LATER },
          10,
        );
        if (made === 'too_many') throw new Error('The job was not created.');
        return made;
      };
      const found = async (job: Erasure, events: readonly NewEvent[]): Promise<FoundEvent[]> => {
        const page = await store.listErasable({ ...job, position: null });
        return page.events.flatMap(({ eventId, eventType, at, body, dataBytes }, i) => {
          if (body === null || !events.some((event) => event.eventId === eventId)) return [];
          return [{ eventId, eventType, at, examined: i + 1, erasedBody: withoutData(body, dataBytes) }];
        });
      };
      const stepOf = async (job: Erasure, events: readonly NewEvent[]): Promise<ErasureStep> => {
        const { workspaceId, id: erasureId, steps } = job;
        return {
          workspaceId,
          erasureId,
          steps,
          found: await found(job, events),
          examined: events.length,
          position: null,
        };
      };
      const erase = async (...events: NewEvent[]): Promise<ErasureStepCommit> => {
        const commit = await store.continueErasure(await stepOf(await begin(), events), LATER + 1);
        if (commit === null) throw new Error('The step was made before.');
        return commit;
      };
      const send = (data: string, more: Partial<NewEvent> & { at?: number } = {}) =>
        publish(store, epoch, [subscription], { data, ...more });
      const findEvent = (event: NewEvent) => store.findEvent(workspaceId, event.eventId);
      const findDelivery = (event: NewEvent) => store.findDelivery(workspaceId, deliveryIdOf(event));
      return {
        store,
        epoch,
        workspaceId,
        subscription,
        begin,
        stepOf,
        erase,
        send,
        findEvent,
        findDelivery,
      };
    }

    test('replaces the data of an event; everything else of the record stays', async () => {
      const { erase, send, findEvent, workspaceId, subscription } = await arrange();
      const event = await send('{"n":"Ada"}', { orderingKey: 'k' });
      const other = await send('{"n":"Bob"}');
      const before = await findEvent(event);
      const { erasure, erased } = await erase(event);
      expect(erased).toEqual([
        {
          eventId: event.eventId,
          eventType: event.eventType,
          cancelled: [
            {
              id: deliveryIdOf(event),
              workspaceId,
              subscriptionId: subscription.id,
              eventId: event.eventId,
              eventType: event.eventType,
            },
          ],
        },
      ]);
      expect(erasure).toMatchObject({
        state: 'done',
        erased: 1,
        cancelled: 1,
        examined: 1,
        sealedValue: null,
      });
      const after = await findEvent(event);
      expect(after).toEqual({
        ...before,
        body: withoutData(event.body, event.dataBytes),
        erasedAt: LATER + 1,
        states: { cancelled: 1 },
      });
      expect(JSON.parse(Buffer.from(after?.body ?? []).toString('utf8'))).toEqual({
        eventId: event.eventId,
        eventType: event.eventType,
        timestamp: event.timestamp,
        workspaceId,
        data: JSON.parse(Buffer.from(ERASED_DATA).toString('utf8')) as unknown,
      });
      expect(await findEvent(other)).toMatchObject({ erasedAt: null, body: new Uint8Array(other.body) });
    });

    test('cancels what is pending, and leaves what has ended, without its responses', async () => {
      const { store, epoch, erase, send, findDelivery, subscription } = await arrange();
      const waits = await send('{"n":1}');
      const retried = await send('{"n":1}');
      const succeeded = await send('{"n":1}');
      const attempt = { responseBody: RESPONSE, responseTruncated: true, ...SEEN };
      // Of a response without a body the headers go as well.
      const bodiless = { ...attempt, responseBody: null };
      await store.recordAttempts(
        epoch,
        [aRecord(retried, { ...retryAt(T0 + 50_000), attempt: bodiless }), aRecord(succeeded, { attempt })],
        T0 + 5,
      );
      const { erased } = await erase(waits, retried, succeeded);
      expect(erased.map(({ cancelled }) => cancelled.length)).toEqual([1, 1, 0]);
      for (const event of [waits, retried])
        expect(await findDelivery(event)).toMatchObject({
          state: 'cancelled',
          failureReason: 'erased',
          dueAt: null,
          finishedAt: LATER + 1,
        });
      expect(await findDelivery(succeeded)).toMatchObject({ state: 'succeeded', failureReason: null });
      for (const event of [retried, succeeded])
        expect(await store.listAttempts(event.workspaceId, deliveryIdOf(event))).toMatchObject([
          { number: 1, responseBody: null, responseTruncated: true, ...SEEN, responseHeaders: null },
        ]);
      const load = await store.loadLane(subscription.id, 10, 10);
      expect([...load.first, ...load.retries]).toEqual([]);
    });

    test.each([
      ['success', {}, 'succeeded', null],
      ['failure', failed(), 'cancelled', 'erased'],
    ] as const)(
      'leaves an attempt in flight to its record, of a %s, which keeps no response body',
      async (_, next, state, failureReason) => {
        const { store, epoch, erase, send, findDelivery } = await arrange();
        const event = await send('{"n":1}');
        await erase(event);
        const late = aRecord(event, { ...next, attempt: { responseBody: RESPONSE, ...SEEN } });
        const [{ result } = { result: null }] = await store.recordAttempts(epoch, [late], LATER + 9);
        expect(result).toBe(state === 'succeeded' ? 'recorded' : 'cancelled');
        expect(await findDelivery(event)).toMatchObject({ state, failureReason, attempts: 1 });
        expect(await store.listAttempts(event.workspaceId, deliveryIdOf(event))).toMatchObject([
          { number: 1, responseBody: null, ...SEEN, responseHeaders: null },
        ]);
      },
    );

    test('keeps no response body of attempts that are recorded at the same time', async () => {
      const { store, epoch, begin, stepOf, send } = await arrange();
      const events = [];
      for (let i = 0; i < 12; i++) events.push(await send('{"n":1}'));
      const step = await stepOf(await begin(), events);
      const attempt = { responseBody: RESPONSE, ...SEEN };
      const records = events.map((event, i) =>
        store.recordAttempts(
          epoch,
          [aRecord(event, { ...(i % 2 ? retryAt(T0 + 9_000) : {}), attempt })],
          LATER,
        ),
      );
      await Promise.all([
        ...records.slice(0, 6),
        store.continueErasure(step, LATER + 1),
        ...records.slice(6),
      ]);
      for (const event of events)
        for (const shown of await store.listAttempts(event.workspaceId, deliveryIdOf(event)))
          expect(shown).toMatchObject({ responseBody: null, responseHeaders: null });
    });

    test('of an ordered event makes the next of its key due', async () => {
      const { store, subscription, erase, send } = await arrange({ ordered: true });
      const ordered = { deliveries: [] as NewEvent['deliveries'], orderingKey: 'k' };
      const make = () => {
        const { deliveries } = anEvent(subscription.workspaceId, [subscription]);
        return send('{"n":1}', {
          ...ordered,
          deliveries: deliveries.map((each) => ({ ...each, ordered: true })),
        });
      };
      const [first, second] = [await make(), await make()];
      const due = async () => (await store.loadLane(subscription.id, 10, 10)).first.map(({ id }) => id);
      expect(await due()).toEqual([deliveryIdOf(first)]);
      await erase(first);
      expect(await due()).toEqual([deliveryIdOf(second)]);
    });

    test('ends a cut fan-out where it is', async () => {
      const { store, epoch, workspaceId, erase, send, findEvent } = await arrange();
      const another = await makeSubscription(store, workspaceId);
      const event = await send('{"n":1}', { fanoutCursor: '0', deliveryCount: 2 });
      await erase(event);
      expect(await store.listUnfinishedFanouts(1_000)).not.toContainEqual(
        expect.objectContaining({ eventId: event.eventId }),
      );
      const { deliveries } = anEvent(workspaceId, [another]);
      const chunk = { workspaceId, eventId: event.eventId, deliveries, fanoutCursor: null };
      await expect(store.continueFanout(epoch, chunk, true, LATER)).rejects.toThrow('no unfinished fan-out');
      expect(await findEvent(event)).toMatchObject({ deliveryCount: 2, states: { cancelled: 1 } });
    });

    test('leaves nothing to be sent: no body, no replay', async () => {
      const { store, epoch, subscription, erase, send } = await arrange();
      const event = await send('{"n":1}');
      await erase(event);
      const { workspaceId, eventId } = event;
      expect(await store.loadBodies([event])).toEqual([{ workspaceId, eventId, body: null }]);
      const commit = await store.replayDeliveries(
        epoch,
        [aReplay(event, subscription), aReplay(event, subscription, deliveryIdOf(event))],
        true,
        LATER,
      );
      expect(commit).toMatchObject({ results: ['erased', 'erased'], made: [], cancelled: [] });
    });

    test('takes replays that are made at the same time with it, or refuses them', async () => {
      const { store, epoch, subscription, begin, stepOf, send, workspaceId } = await arrange();
      const event = await send('{"n":1}');
      await store.recordAttempts(epoch, [aRecord(event, failed())], T0 + 5);
      const step = await stepOf(await begin(), [event]);
      const replay = () => store.replayDeliveries(epoch, [aReplay(event, subscription)], true, LATER);
      const erasing = store.continueErasure(step, LATER + 1);
      await Promise.all([replay(), erasing, replay(), replay()]);
      const commit = await erasing;
      // A replay that was made just before it has another lane than the step knows of: the next one takes it.
      if (commit?.erased.length === 0) {
        expect(commit.erasure).toMatchObject({ state: 'running', position: null, examined: 0 });
        expect(await store.continueErasure({ ...step, steps: 1 }, LATER + 2)).toMatchObject({
          erased: [{ eventId: event.eventId }],
          erasure: { state: 'done', examined: 1 },
        });
      }
      expect(await replay()).toMatchObject({ results: ['erased'] });
      const { items } = await store.listDeliveries(workspaceId, { limit: 10 });
      expect(items.filter(({ state }) => state === 'pending')).toEqual([]);
    });

    test('of an event does not make publishing it again a new one', async () => {
      const { store, epoch, subscription, erase, send } = await arrange();
      const event = await send('{"n":1}', { idempotencyKey: 'key' });
      await erase(event);
      const again = async (data: string, given: Partial<NewEvent> = {}) => {
        const { eventId, timestamp } = event;
        const same = { eventId, timestamp, idempotencyKey: 'key', data, eventIdGiven: true, ...given };
        const repeat = anEvent(event.workspaceId, [subscription], same);
        const { events } = await store.commitEvents(epoch, [repeat], true, LATER);
        return events[0];
      };
      expect(await again('{"n":1}')).toMatchObject({
        outcome: 'duplicate',
        event: { eventId: event.eventId },
      });
      expect(await again('{"n":1}', { idempotencyKey: null })).toMatchObject({ outcome: 'duplicate' });
      expect(await again('{"n":10}')).toEqual({ outcome: 'conflict', field: 'data' });
      expect(await again('{"n":1}', { orderingKey: 'k' })).toEqual({
        outcome: 'conflict',
        field: 'orderingKey',
      });
    });

    test('looks at the events that there were, oldest first, some at a time', async () => {
      const { store, begin, send, workspaceId } = await arrange();
      const large = `{"n":"${'x'.repeat(BYTES_EXAMINED_AT_ONCE / 2)}"}`;
      const events = [];
      for (const [i, data] of [large, '{"n":1}', large, '{"n":2}'].entries())
        events.push(await send(data, { at: T0 + i }));
      const job = await begin();
      const later = await send('{"n":1}', { at: LATER + 5 });
      const first = await store.listErasable(job);
      expect(first.isLast).toBe(false);
      expect(first.events.map(({ eventId }) => eventId)).toEqual(
        events.slice(0, 3).map(({ eventId }) => eventId),
      );
      expect(first.events[1]).toEqual({
        eventId: events[1]?.eventId,
        eventType: events[1]?.eventType,
        at: { createdAt: T0 + 1, seq: expect.any(Number) as number },
        deliveryCount: 1,
        dataBytes: 7,
        body: new Uint8Array(events[1]?.body ?? []),
      });
      const position = first.events.at(-1)?.at ?? null;
      const second = await store.listErasable({ ...job, position });
      expect(second).toMatchObject({ isLast: true, events: [{ eventId: events[3]?.eventId }] });
      expect(second.events).not.toContainEqual(expect.objectContaining({ eventId: later.eventId }));
      expect(await store.listErasable({ ...job, workspaceId: await makeWorkspace(store) })).toEqual({
        events: [],
        isLast: true,
      });
      expect(job).toMatchObject({ workspaceId, until: T0 + 3, position: null, state: 'running' });
    });

    test('shows no body of what was erased before, and counts it once', async () => {
      const { store, erase, begin, send } = await arrange();
      const event = await send('{"n":1}');
      const step = async () => {
        const { eventType, eventId } = event;
        const { id: erasureId, steps, workspaceId } = await begin();
        const at = { createdAt: T0, seq: 1 };
        const again = { eventId, eventType, at, examined: 1, erasedBody: event.body };
        return { workspaceId, erasureId, steps, found: [again], examined: 1, position: null };
      };
      await erase(event);
      const { events } = await store.listErasable(await begin());
      expect(events).toMatchObject([{ eventId: event.eventId, body: null }]);
      const again = await step();
      const at = events[0]?.at ?? { createdAt: 0, seq: 0 };
      const commit = await store.continueErasure(
        { ...again, found: again.found.map((each) => ({ ...each, at })) },
        LATER + 2,
      );
      expect(commit).toMatchObject({ erased: [], erasure: { erased: 0, examined: 1, state: 'done' } });
    });

    test('erases nothing of another workspace, whatever ids it is given', async () => {
      const { store, begin, send, findEvent } = await arrange();
      const event = await send('{"n":1}');
      const other = await arrange();
      const step = await other.stepOf(await other.begin(), []);
      const at = (await store.listErasable(await begin())).events[0]?.at ?? { createdAt: 0, seq: 0 };
      const { eventId, eventType, body, dataBytes } = event;
      const found = [{ eventId, eventType, at, examined: 1, erasedBody: withoutData(body, dataBytes) }];
      expect(await store.continueErasure({ ...step, found }, LATER)).toMatchObject({ erased: [] });
      expect(await findEvent(event)).toMatchObject({
        erasedAt: null,
        body: new Uint8Array(body),
        states: { pending: 1 },
      });
    });

    test('makes each step once, whoever comes second', async () => {
      const { store, begin, stepOf, send } = await arrange();
      const event = await send('{"n":1}');
      const job = await begin();
      const at = { createdAt: T0, seq: 5 };
      const step = { ...(await stepOf(job, [event])), position: at };
      const commits = await Promise.all([
        store.continueErasure(step, LATER),
        store.continueErasure(step, LATER),
      ]);
      expect(commits.filter((commit) => commit !== null)).toHaveLength(1);
      expect(await store.findErasure(job.workspaceId, job.id)).toMatchObject({
        steps: 1,
        examined: 1,
        erased: 1,
        position: at,
        state: 'running',
        sealedValue: SEALED,
      });
    });

    test('that is cancelled erases no more and forgets its value; so does one that is done', async () => {
      const { store, begin, stepOf, send, workspaceId, findEvent } = await arrange();
      const event = await send('{"n":1}');
      const job = await begin();
      const step = await stepOf(job, [event]);
      const elsewhere = await makeWorkspace(store);
      expect(await store.cancelErasure(elsewhere, job.id, LATER)).toBeUndefined();
      const cancelled = await store.cancelErasure(workspaceId, job.id, LATER);
      expect(cancelled).toMatchObject({ state: 'cancelled', sealedValue: null, finishedAt: LATER });
      expect(await store.continueErasure(step, LATER)).toBeNull();
      expect(await findEvent(event)).toMatchObject({ erasedAt: null });
      expect(await store.cancelErasure(workspaceId, job.id, LATER + 1)).toEqual(cancelled);
      const second = await begin();
      const done = await store.continueErasure(await stepOf(second, [event]), LATER + 2);
      expect(done?.erasure).toMatchObject({ state: 'done', sealedValue: null, finishedAt: LATER + 2 });
      expect(await store.findErasure(workspaceId, second.id)).toEqual(done?.erasure);
      const openIds = (await store.listOpenErasures(1_000)).map(({ id }) => id);
      expect([job.id, second.id].filter((id) => openIds.includes(id))).toEqual([]);
    });

    test('is found and listed in its workspace only, newest first; so many run at once', async () => {
      const { store, workspaceId, begin } = await arrange();
      const jobs = [await begin(), await begin()].toReversed();
      expect((await store.listErasures(workspaceId, { limit: 1 })).items).toEqual([jobs[0]]);
      const page = await store.listErasures(workspaceId, { limit: 10 });
      expect(page).toEqual({ items: jobs, nextCursor: null });
      const elsewhere = await makeWorkspace(store);
      expect(await store.listErasures(elsewhere, { limit: 10 })).toEqual({ items: [], nextCursor: null });
      expect(await store.findErasure(elsewhere, jobs[0]?.id ?? '')).toBeUndefined();
      const wrong = store.listErasures(workspaceId, { limit: 1, cursor: 'x' });
      await expect(wrong).rejects.toThrow(InvalidCursor);
      const third = { id: `ers_${anId()}`, workspaceId, path: '$.n', sealedValue: SEALED, createdAt: T0 };
      expect(await store.createErasure(third, 2)).toBe('too_many');
      await store.cancelErasure(workspaceId, jobs[0]?.id ?? '', LATER);
      expect(await store.createErasure(third, 2)).toMatchObject({ id: third.id, until: 0 });
    });
  });

  describe('an erasure that has ended', () => {
    const opened = storePerTest(open);

    test('goes with the history; one that runs stays', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const begin = async () => {
        const id = `ers_${anId()}`;
        await store.createErasure({ id, workspaceId, path: '$.n', sealedValue: SEALED, createdAt: T0 }, 10);
        return id;
      };
      const [ended, running] = [await begin(), await begin()];
      await store.cancelErasure(workspaceId, ended, LATER);
      while (await store.keepHistory(LATER + 32 * 86_400_000, 30));
      expect((await store.listErasures(workspaceId, { limit: 10 })).items).toMatchObject([{ id: running }]);
    });
  });
}
