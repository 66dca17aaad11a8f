import { describe, expect, test } from 'vitest';
import { newDeliveryId } from '../../src/domain/ids.ts';
import type { Replay } from '../../src/domain/replay.ts';
import { REPLAYED_STATES_DEFAULT } from '../../src/domain/replay.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import { InvalidCursor } from '../../src/store/contract/history.ts';
import type { AttemptToRecord } from '../../src/store/contract/records.ts';
import type { ReplayStep, ReplayStepCommit } from '../../src/store/contract/replays.ts';
import type { OpenStore, RecordGiven } from './fixtures.ts';
import { anId, aRecord, failed, makeSubscription, makeWorkspace, publish, retryAt, T0 } from './fixtures.ts';
import { sharedStore } from './opened.ts';
import { aReplay } from './replays-suite.ts';

const END = T0 + 1_000;

function aJob({ workspaceId, id: subscriptionId }: Subscription, given: Partial<Replay> = {}): Replay {
  return {
    id: `rpl_${anId()}`,
    workspaceId,
    subscriptionId,
    since: T0,
    until: END,
    eventTypes: null,
    states: REPLAYED_STATES_DEFAULT,
    state: 'running',
    reason: null,
    position: null,
    isExhausted: false,
    countedTo: null,
    isCounted: false,
    count: 0,
    made: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    erased: 0,
    steps: 0,
    createdAt: END,
    updatedAt: END,
    finishedAt: null,
    ...given,
  };
}

export function describeReplayJobs(open: OpenStore): void {
  describe('a replay of what a subscription missed', () => {
    const opened = sharedStore(open);

    async function arrange(count = 4) {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const events: NewEvent[] = [];
      for (let i = 0; i < count; i++)
        events.push(await publish(store, epoch, [subscription], { at: T0 + i }));
      const record = (event: NewEvent | undefined, given: RecordGiven = {}) =>
        event && store.recordAttempts(epoch, [aRecord(event, given)], END - 1);
      const plan = async (job: Replay, limit = 100): Promise<ReplayStep> => {
        const { candidates, next } = await store.listReplayable(job, job.position, limit);
        const planned = candidates.map((each) => ({ ...each, id: newDeliveryId(END, systemRandom) }));
        const { subscriptionId, steps, states } = job;
        const base = { workspaceId, replayId: job.id, subscriptionId, steps, states, waitingMax: 100 };
        return { ...base, planned, position: next };
      };
      const make = (step: ReplayStep) => store.continueReplay(epoch, step, true, END + 1);
      const step = async (job: Replay, more: Partial<ReplayStep> = {}): Promise<ReplayStepCommit> => {
        const commit = await make({ ...(await plan(job)), ...more });
        if (commit === null) throw new Error('The step was made before.');
        return commit;
      };
      const recordMade = (id: string, given: RecordGiven = {}): Promise<unknown> => {
        const delivery = { id, subscriptionId: subscription.id, generation: 1, state: 'pending' as const };
        const made: AttemptToRecord = aRecord({ deliveries: [delivery] } as unknown as NewEvent, given);
        return store.recordAttempts(epoch, [made], END + 2);
      };
      const begin = async (given: Partial<Replay> = {}) => {
        const job = aJob(subscription, given);
        expect(await store.createReplay(job, 10)).toBe('created');
        return job;
      };
      const find = (id: string) => store.findReplay(workspaceId, id);
      return {
        store,
        epoch,
        workspaceId,
        subscription,
        events,
        record,
        plan,
        make,
        step,
        recordMade,
        begin,
        find,
      };
    }

    test('selects what has not succeeded, oldest first, and is not on its way', async () => {
      const { store, events, subscription, record } = await arrange(5);
      const [a, b, c, d] = events;
      await record(a, failed());
      await record(b);
      await record(c, retryAt(END + 50_000));
      await store.cancelDelivery(subscription.workspaceId, d?.deliveries[0]?.id ?? '', T0 + 9);
      const job = aJob(subscription);
      const { candidates, next } = await store.listReplayable(job, null, 10);
      expect(candidates.map(({ eventId }) => eventId)).toEqual([a, c, d].map((event) => event?.eventId));
      expect(candidates[0]).toMatchObject({ deliveryId: a?.deliveries[0]?.id, deliveryCreatedAt: T0 });
      expect(next).toBeNull();
      expect(await store.countReplayable(job, null)).toEqual({
        count: 3,
        next: null,
        states: { failed: 1, pending: 1, cancelled: 1 },
      });
      const page = await store.listReplayable(job, null, 2);
      expect(page.candidates).toEqual(candidates.slice(0, 2));
      expect(page.next).toEqual(candidates[1]?.at);
      expect((await store.listReplayable(job, page.next, 2)).candidates).toEqual(candidates.slice(2));
      const rest = { count: 1, next: null, states: { cancelled: 1 } };
      expect(await store.countReplayable(job, page.next)).toEqual(rest);
      const some = { count: 2, next: page.next, states: { failed: 1, pending: 1 } };
      expect(await store.countReplayable(job, null, 2)).toEqual(some);
      expect(await store.countReplayable(job, page.next, 2)).toEqual(rest);
    });

    test('selects by time, event type and state; never a test event', async () => {
      const { store, epoch, subscription, events, record } = await arrange(3);
      for (const event of events) await record(event, failed());
      const typed = await publish(store, epoch, [subscription], { at: T0 + 3, eventType: 'crm.deal.won' });
      await record(typed, failed());
      const pinged = await publish(store, epoch, [subscription], { at: T0 + 4, origin: 'test' });
      await record(pinged, failed());
      const selected = async (given: Partial<Replay>) => {
        const { candidates } = await store.listReplayable(aJob(subscription, given), null, 10);
        return candidates.map(({ eventId }) =>
          [...events, typed, pinged].findIndex((e) => e.eventId === eventId),
        );
      };
      expect(await selected({})).toEqual([0, 1, 2, 3]);
      expect(await selected({ since: T0 + 1, until: T0 + 3 })).toEqual([1, 2]);
      expect(await selected({ eventTypes: ['crm.deal.won', 'crm.deal.lost'] })).toEqual([3]);
      expect(await selected({ states: ['succeeded', 'skipped'] })).toEqual([]);
      expect(await selected({ workspaceId: await makeWorkspace(store) })).toEqual([]);
    });

    test('judges an event by its latest delivery, and takes it once however often it was replayed', async () => {
      const { store, epoch, subscription, events, record, recordMade } = await arrange(2);
      const [a, b] = events;
      for (const event of events) await record(event, failed());
      const again = [a, b]
        .map((event) => event && aReplay(event, subscription))
        .filter((each) => each !== undefined);
      await store.replayDeliveries(epoch, again, true, T0 + 10);
      const job = aJob(subscription);
      // Under way.
      expect((await store.listReplayable(job, null, 10)).candidates).toEqual([]);
      await recordMade(again[0]?.id ?? '');
      await recordMade(again[1]?.id ?? '', failed());
      expect((await store.listReplayable(job, null, 10)).candidates).toMatchObject([
        {
          eventId: b?.eventId,
          deliveryId: again[1]?.id,
          deliveryCreatedAt: T0 + 10,
          at: { createdAt: T0 + 1 },
        },
      ]);
    });

    test('makes what is planned, counts what becomes of it, and is done when all has ended', async () => {
      const { store, workspaceId, events, record, step, recordMade, begin, find } = await arrange(4);
      for (const event of events) await record(event, failed());
      const job = await begin();
      const first = await step(job, { counted: { count: 4, next: null } });
      expect(first.made.map(({ eventId }) => eventId)).toEqual(events.map(({ eventId }) => eventId));
      expect(first).toMatchObject({
        waiting: 0,
        open: 4,
        replay: { made: 4, count: 4, isCounted: true, steps: 1 },
      });
      const ids = first.made.map(({ id }) => id);
      for (const [i, id] of ids.entries())
        expect(await store.findDelivery(workspaceId, id)).toMatchObject({
          state: 'pending',
          replayId: job.id,
          replayOf: events[i]?.deliveries[0]?.id,
        });
      await recordMade(ids[0] ?? '');
      await recordMade(ids[1] ?? '', failed());
      await recordMade(ids[2] ?? '', retryAt(END + 9));
      const second = await step(first.replay);
      expect(second).toMatchObject({
        waiting: 1,
        open: 2,
        made: [],
        replay: { succeeded: 1, failed: 1, state: 'running' },
      });
      await store.cancelDelivery(workspaceId, ids[3] ?? '', END + 3);
      await recordMade(ids[2] ?? '', { number: 2 });
      const third = await step(second.replay);
      expect(third.replay).toMatchObject({
        state: 'done',
        succeeded: 2,
        failed: 1,
        cancelled: 1,
        finishedAt: END + 1,
      });
      expect(await find(job.id)).toEqual(third.replay);
      expect((await store.listOpenReplays(1_000)).map(({ id }) => id)).not.toContain(job.id);
    });

    test('makes each step once, whoever comes second', async () => {
      const { events, record, plan, make, begin, find } = await arrange(2);
      for (const event of events) await record(event, failed());
      const job = await begin();
      const [one, two] = [await plan(job), await plan(job)];
      const commits = await Promise.all([make(one), make(two)]);
      expect(commits.filter((commit) => commit !== null)).toHaveLength(1);
      expect(await find(job.id)).toMatchObject({ made: 2, steps: 1 });
    });

    test('keeps no more waiting than it may, and goes on where it was', async () => {
      const { events, record, step, begin, recordMade } = await arrange(5);
      for (const event of events) await record(event, failed());
      const job = await begin();
      const first = await step(job, { waitingMax: 2 });
      expect(first.made.map(({ eventId }) => eventId)).toEqual(
        events.slice(0, 2).map(({ eventId }) => eventId),
      );
      expect(first.replay).toMatchObject({ isExhausted: false, position: { createdAt: T0 + 1 } });
      const idle = await step(first.replay, { waitingMax: 2 });
      expect(idle).toMatchObject({
        made: [],
        waiting: 2,
        replay: { position: first.replay.position, steps: 2 },
      });
      await recordMade(first.made[0]?.id ?? '', retryAt(END + 9));
      const second = await step(idle.replay, { waitingMax: 2 });
      expect(second.made.map(({ eventId }) => eventId)).toEqual([events[2]?.eventId]);
      const rest = await step(second.replay);
      expect(rest.made).toHaveLength(2);
      expect(rest.replay).toMatchObject({ isExhausted: true, made: 5, state: 'running' });
    });

    test('makes nothing of what has changed since it was planned', async () => {
      const { store, epoch, events, subscription, record, plan, make, begin } = await arrange(4);
      const [a, b, c, d] = events;
      await record(a, retryAt(END + 9));
      await record(b, retryAt(END + 9));
      await record(c, failed());
      await record(d, failed());
      const job = await begin();
      const planned = await plan(job);
      expect(planned.planned).toHaveLength(4);
      await record(a, { number: 2 });
      if (c) await store.replayDeliveries(epoch, [aReplay(c, subscription)], true, END);
      const commit = await make(planned);
      expect(commit?.made.map(({ eventId }) => eventId)).toEqual([b?.eventId, d?.eventId]);
      const { workspaceId, eventId, eventType } = b ?? {};
      expect(commit?.cancelled).toEqual([
        { id: b?.deliveries[0]?.id, workspaceId, subscriptionId: subscription.id, eventId, eventType },
      ]);
      expect(commit?.replay).toMatchObject({ made: 2, isExhausted: true });
    });

    test('that is cancelled makes no more, and cancels what it made and is pending', async () => {
      const { store, workspaceId, events, record, step, begin, recordMade } = await arrange(4);
      for (const event of events) await record(event, failed());
      const job = await begin();
      const { replay, made } = await step(job, { waitingMax: 3 });
      await recordMade(made[0]?.id ?? '');
      await recordMade(made[1]?.id ?? '', retryAt(END + 9));
      const cancelled = await store.cancelReplay(workspaceId, job.id, END + 5);
      expect(cancelled).toMatchObject({ state: 'cancelled', reason: 'requested', finishedAt: null });
      const last = await step({ ...replay });
      expect(last.made).toEqual([]);
      expect(last.cancelled.map(({ id }) => id).toSorted()).toEqual(
        made
          .slice(1)
          .map(({ id }) => id)
          .toSorted(),
      );
      expect(last.replay).toMatchObject({
        state: 'cancelled',
        made: 3,
        succeeded: 1,
        cancelled: 2,
        finishedAt: END + 1,
      });
      for (const { id } of made.slice(1))
        expect(await store.findDelivery(workspaceId, id)).toMatchObject({ state: 'cancelled' });
      expect(await store.cancelReplay(workspaceId, job.id, END + 6)).toEqual(last.replay);
      expect(await store.cancelReplay(await makeWorkspace(store), job.id, END + 6)).toBeUndefined();
    });

    test('ends when its subscription stops', async () => {
      const { store, workspaceId, subscription, events, record, step, begin } = await arrange(3);
      for (const event of events) await record(event, failed());
      const { replay } = await step(await begin(), { waitingMax: 1 });
      await store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, END + 3);
      const last = await step(replay);
      expect(last.made).toEqual([]);
      expect(last.replay).toMatchObject({
        state: 'cancelled',
        reason: 'subscription_inactive',
        made: 1,
        cancelled: 1,
        finishedAt: END + 1,
      });
    });

    test('runs once per subscription, and only so many at once', async () => {
      const { store, workspaceId, subscription, begin } = await arrange(0);
      const job = await begin();
      expect(await store.createReplay(aJob(subscription), 10)).toBe('running');
      const other = await makeSubscription(store, workspaceId);
      expect(await store.createReplay(aJob(other), 1)).toBe('too_many');
      const both = [aJob(other), aJob(other)].map((each) => store.createReplay(each, 10));
      expect((await Promise.all(both)).toSorted()).toEqual(['created', 'running']);
      await store.cancelReplay(workspaceId, job.id, END);
      expect(await store.createReplay(aJob(subscription), 10)).toBe('created');
    });

    test('is found and listed in its workspace only, newest first', async () => {
      const { store, workspaceId, subscription } = await arrange(0);
      const jobs = [];
      for (let i = 0; i < 3; i++) {
        const job = aJob(subscription, { createdAt: END + i, eventTypes: ['crm.deal.won'] });
        await store.createReplay(job, 10);
        await store.cancelReplay(workspaceId, job.id, END + i);
        jobs.unshift(job);
      }
      const page = await store.listReplays(workspaceId, { limit: 2 });
      expect(page.items.map(({ id }) => id)).toEqual(jobs.slice(0, 2).map(({ id }) => id));
      const rest = await store.listReplays(workspaceId, { limit: 2, cursor: page.nextCursor ?? '' });
      expect(rest.items).toEqual([await store.findReplay(workspaceId, jobs[2]?.id ?? '')]);
      expect(rest.items[0]).toMatchObject({ eventTypes: ['crm.deal.won'], state: 'cancelled' });
      const elsewhere = await makeWorkspace(store);
      expect((await store.listReplays(elsewhere, { limit: 2 })).items).toEqual([]);
      expect(await store.findReplay(elsewhere, jobs[0]?.id ?? '')).toBeUndefined();
      await expect(store.listReplays(workspaceId, { limit: 2, cursor: 'x' })).rejects.toBeInstanceOf(
        InvalidCursor,
      );
    });
  });
}
