import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Space } from '../../src/store/sqlite/space.ts';
import { writerHandlers } from '../../src/store/sqlite/writer-handlers.ts';
import {
  DEATHS_MAX,
  HEALTH,
  T0,
  aRecord,
  aSubscription,
  anEvent,
  deliveryIdOf,
  failed,
  retryAt,
} from '../conformance/fixtures.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import { openInMemory } from '../support/sqlite-connection.ts';
import { seededRandom } from '../support/seed.ts';

/**
 * Lanes and records against a model of a few lines: whatever the order of calls, no unfinished delivery is ever
 * out of every node's sight, and each record has the result that the rules say.
 */

const RUNS = 100;
/** Shorter ones seldom stop, restart and retry the same lane. */
const STEPS_MIN = 40;
const STEPS_MAX = 120;
const SUBSCRIPTIONS = 2;
const FAR = T0 + 1_000_000;

interface ModelDelivery {
  event: NewEvent;
  subscription: number;
  generation: number;
  state: string;
  attempts: number;
  dueAt: number;
}

interface ModelLane {
  owned: boolean;
  readyAt: number;
  pausedUntil: number;
  suspect: boolean;
}

interface ModelSubscription {
  id: string;
  generation: number;
  active: boolean;
}

const at = fc.integer({ min: 0, max: 1000 }).map((ms) => T0 + ms);
const subscription = fc.nat(SUBSCRIPTIONS - 1);
const step = fc.oneof(
  fc.record({ do: fc.constant('publish' as const), subscription, takeLanes: fc.boolean(), at }),
  fc.record({
    do: fc.constant('record' as const),
    pick: fc.nat(),
    number: fc.constantFrom(0, 0, 0, 0, 1, -1),
    end: fc.constantFrom('succeeded' as const, 'pending' as const, 'failed' as const),
    at,
  }),
  fc.record({ do: fc.constant('switch' as const), subscription, at }),
  fc.record({ do: fc.constant('release' as const), subscription, pausedUntil: at }),
  fc.record({ do: fc.constant('take' as const), limit: fc.integer({ min: 0, max: 3 }), at }),
  fc.record({ do: fc.constant('cancel' as const), limit: fc.integer({ min: 1, max: 3 }), at }),
  fc.record({ do: fc.constant('restart' as const), orderly: fc.boolean(), at }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

class Run {
  readonly #connection = openInMemory();
  readonly #store = writerHandlers(this.#connection.db, new Space(this.#connection.db, 0));
  readonly #workspaceId = 'a'.repeat(24);
  readonly #subscriptions: ModelSubscription[] = [];
  readonly #deliveries: ModelDelivery[] = [];
  readonly #lanes = new Map<number, ModelLane>();
  #epoch: number;

  constructor() {
    this.#store.ensureWorkspace({ id: this.#workspaceId, name: 'Model', createdAt: T0 });
    for (let i = 0; i < SUBSCRIPTIONS; i++) {
      const made = aSubscription(this.#workspaceId);
      this.#store.createSubscription(made, SUBSCRIPTIONS);
      this.#subscriptions.push({ id: made.id, generation: 1, active: true });
    }
    this.#epoch = this.#store.registerNode(T0, DEATHS_MAX).epoch;
  }

  close(): void {
    this.#connection.close();
  }

  execute(step: Step): void {
    switch (step.do) {
      case 'publish':
        return this.#publish(step.subscription, step.takeLanes, step.at);
      case 'record':
        return this.#record(step.pick, step.number, step.end, step.at);
      case 'switch':
        return this.#switch(step.subscription, step.at);
      case 'release':
        return this.#release(step.subscription, step.pausedUntil);
      case 'take':
        return this.#take(step.limit, step.at);
      case 'cancel':
        return this.#cancel(step.limit, step.at);
      case 'restart':
        return this.#restart(step.orderly, step.at);
    }
  }

  /** Everything that can be seen is as the model says. */
  check(): void {
    for (const [index, { id }] of this.#subscriptions.entries()) {
      const load = this.#store.loadLane(id, 100, 100);
      const expected = this.#unfinished(index).toSorted((a, b) => a.dueAt - b.dueAt);
      const ids = (retries: boolean) =>
        expected.filter(({ attempts }) => attempts > 0 === retries).map(({ event }) => deliveryIdOf(event));
      expect(load.first.map((delivery) => delivery.id)).toEqual(ids(false));
      expect(load.retries.map((delivery) => delivery.id)).toEqual(ids(true));
      if (expected.length > 0) expect(this.#lanes.has(index)).toBe(true);
    }
    const free = [...this.#lanes.values()].filter(({ owned }) => !owned);
    const nextReadyAt = free.length === 0 ? null : Math.min(...free.map(({ readyAt }) => readyAt));
    expect(this.#store.takeLanes(this.#epoch, T0, 0)).toEqual({ lanes: [], nextReadyAt });
  }

  /** A last restart finds every unfinished delivery by way of the lanes, and the file is sound. */
  checkNothingForgotten(): void {
    this.#restart(false, FAR);
    const taken = this.#store.takeLanes(this.#epoch, FAR, 100).lanes;
    const found = taken.flatMap(({ subscriptionId }) => {
      const { first, retries } = this.#store.loadLane(subscriptionId, 100, 100);
      return [...first, ...retries].map(({ id }) => id);
    });
    const unfinished = this.#subscriptions.flatMap((_, index) => this.#unfinished(index));
    expect(new Set(found)).toEqual(new Set(unfinished.map(({ event }) => deliveryIdOf(event))));
    const { db } = this.#connection;
    expect(db.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  }

  #unfinished(index: number): ModelDelivery[] {
    const generation = this.#subscriptions[index]?.generation;
    return this.#deliveries.filter(
      (delivery) =>
        delivery.subscription === index && delivery.state === 'pending' && delivery.generation === generation,
    );
  }

  #subscription(index: number): ModelSubscription {
    const found = this.#subscriptions[index];
    if (found === undefined) throw new Error(`There is no subscription ${index}.`);
    return found;
  }

  #publish(index: number, takeLanes: boolean, now: number): void {
    const { id, generation, active } = this.#subscription(index);
    if (!active) return;
    const event = anEvent(this.#workspaceId, [{ id, generation }]);
    const { lanes } = this.#store.commitEvents(this.#epoch, [event], takeLanes, now);
    this.#deliveries.push({
      event,
      subscription: index,
      generation,
      state: 'pending',
      attempts: 0,
      dueAt: now,
    });
    const lane = this.#lanes.get(index);
    const stays = lane !== undefined && (lane.suspect || !takeLanes);
    const standing = lane?.owned ? 'held' : stays || !takeLanes ? 'free' : lane ? 'taken' : 'new';
    expect(lanes).toMatchObject([{ subscriptionId: id, standing }]);
    if (lane === undefined) {
      this.#lanes.set(index, { owned: takeLanes, readyAt: now, pausedUntil: 0, suspect: false });
    } else if (standing === 'taken') lane.owned = true;
    else if (standing === 'free') lane.readyAt = Math.min(lane.readyAt, Math.max(now, lane.pausedUntil));
  }

  #record(pick: number, numberOff: number, end: 'succeeded' | 'pending' | 'failed', now: number): void {
    // Mostly one that may still be attempted: of finished ones there soon are many.
    const open = this.#deliveries.filter(({ state }) => state === 'pending');
    const among = pick % 8 === 0 || open.length === 0 ? this.#deliveries : open;
    const delivery = among[pick % Math.max(1, among.length)];
    if (delivery === undefined) return;
    const next = { succeeded: {}, pending: retryAt(now + 10), failed: failed() }[end];
    const number = delivery.attempts + 1 + numberOff;
    const record = aRecord(delivery.event, { number, ...next });
    const results = this.#store.recordAttempts(this.#epoch, [record], now);
    const unfinished = delivery.state === 'pending' || delivery.state === 'cancelled';
    const stale = delivery.generation !== this.#subscription(delivery.subscription).generation;
    const stopped = stale || delivery.state === 'cancelled';
    const result =
      !unfinished || numberOff !== 0
        ? 'superseded'
        : stopped && end !== 'succeeded'
          ? 'cancelled'
          : 'recorded';
    expect(results).toEqual([{ result, deactivated: false }]);
    if (result === 'superseded') return;
    const lane = this.#lanes.get(delivery.subscription);
    if (lane) lane.suspect = false;
    delivery.attempts++;
    delivery.dueAt = now + 10;
    delivery.state = result === 'cancelled' ? 'cancelled' : end;
  }

  #switch(index: number, now: number): void {
    const model = this.#subscription(index);
    const status = model.active ? 'inactive' : 'active';
    const changed = this.#store.updateSubscription(this.#workspaceId, model.id, { status }, now);
    if (model.active) model.generation++;
    model.active = !model.active;
    expect(changed).toMatchObject({ status, generation: model.generation });
  }

  #release(index: number, pausedUntil: number): void {
    const lane = this.#lanes.get(index);
    const { id } = this.#subscription(index);
    this.#store.releaseLanes(this.#epoch, [{ subscriptionId: id, health: { ...HEALTH, pausedUntil } }]);
    if (!lane?.owned) return;
    const dues = this.#unfinished(index).map(({ dueAt }) => dueAt);
    if (dues.length === 0) this.#lanes.delete(index);
    else
      Object.assign(lane, { owned: false, pausedUntil, readyAt: Math.max(Math.min(...dues), pausedUntil) });
  }

  #take(limit: number, readyBy: number): void {
    const ready = [...this.#lanes].filter(([, lane]) => !lane.owned && lane.readyAt <= readyBy);
    const { lanes } = this.#store.takeLanes(this.#epoch, readyBy, limit);
    expect(lanes).toHaveLength(Math.min(limit, ready.length));
    for (const { subscriptionId, suspect } of lanes) {
      const index = this.#subscriptions.findIndex(({ id }) => id === subscriptionId);
      const lane = ready.find(([ready]) => ready === index)?.[1];
      expect(lane?.suspect).toBe(suspect);
      if (lane) lane.owned = true;
    }
  }

  #cancel(limit: number, now: number): void {
    const stale = this.#deliveries.filter(
      ({ state, generation, subscription }) =>
        state === 'pending' && generation !== this.#subscription(subscription).generation,
    );
    const cancelled = this.#store.cancelStale(limit, [], now).length;
    expect(cancelled).toBe(Math.min(limit, stale.length));
    // Which of them is the store's choice.
    const states = this.#connection.db.prepare('SELECT state FROM deliveries WHERE id = ?');
    for (const delivery of stale)
      delivery.state = String(states.get(deliveryIdOf(delivery.event))?.['state']);
    expect(stale.filter(({ state }) => state === 'cancelled')).toHaveLength(cancelled);
  }

  #restart(orderly: boolean, now: number): void {
    const owned = [...this.#lanes.values()].filter((lane) => lane.owned);
    if (orderly) this.#store.retireNode(this.#epoch, now);
    const registration = this.#store.registerNode(now, DEATHS_MAX);
    expect(registration.lanesFreed).toBe(orderly ? 0 : owned.length);
    this.#epoch = registration.epoch;
    for (const lane of owned) Object.assign(lane, { owned: false, readyAt: now, suspect: !orderly });
  }
}

test('lanes and records behave as the model does, in any order of calls', () => {
  const { seed } = seededRandom();
  const steps = fc.array(step, { minLength: STEPS_MIN, maxLength: STEPS_MAX });
  const behaves = fc.property(steps, (steps) => {
    const run = new Run();
    try {
      for (const step of steps) {
        run.execute(step);
        run.check();
      }
      run.checkNothingForgotten();
    } finally {
      run.close();
    }
  });
  const result = fc.check(behaves, { seed, numRuns: RUNS });
  expect(fc.defaultReportMessage(result)).toBeUndefined();
});
