import process from 'node:process';
import { expect, onTestFailed, test } from 'vitest';
import type { PendingDelivery } from '../../src/domain/delivery.ts';
import type { Lane } from '../../src/engine/schedule/lane.ts';
import type { PickedDelivery } from '../../src/engine/schedule/scheduler.ts';
import { Scheduler } from '../../src/engine/schedule/scheduler.ts';
import type { LaneLoad } from '../../src/store/contract/lanes.ts';
import { seededRandom } from '../support/seed.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e'];

/**
 * The memory of a lane with ordered deliveries against its store, in random order: commits, loads that read a state
 * and return later, ends of attempts, records that make the next of the key due and are heard of later, and
 * deliveries cancelled from outside, also while they are in flight.
 */
class OrderedRace {
  /** Pending, by key, in order; the first of each is due. */
  readonly stored = new Map<string, PendingDelivery[]>();
  readonly attempted = new Map<string, string[]>();
  readonly #inFlight = new Map<string, PickedDelivery>();
  readonly #loads: { lane: Lane; load: LaneLoad }[] = [];
  readonly #records: (() => void)[] = [];
  readonly #answers: (() => void)[] = [];
  readonly #unheard = new Map<string, string>();
  readonly #random: () => number;
  readonly scheduler: Scheduler;
  now = 1_000_000;
  made = 0;
  isMarked = false;

  constructor(random: () => number) {
    this.#random = random;
    this.scheduler = new Scheduler({ slots: 40, slotsPerWorkspace: 40, slotsPerOrigin: 40 }, (lane) => {
      lane.beginLoad();
      this.#loads.push({ lane, load: this.#read() });
    });
    this.scheduler.open(
      { subscriptionId: 's', workspaceId: 'w', origin: 'o', suspect: false, health: null, complete: false },
      this.now,
    );
  }

  get lane(): Lane {
    const lane = this.scheduler.find('s');
    if (!lane) throw new Error('the lane is open');
    return lane;
  }

  #read(): LaneLoad {
    const heads = [...this.stored.values()].flatMap(([head]) => head ?? []);
    return {
      first: heads.filter(({ attempts }) => attempts === 0).sort((a, b) => a.dueAt - b.dueAt),
      firstComplete: true,
      retries: heads.filter(({ attempts }) => attempts > 0).sort((a, b) => a.dueAt - b.dueAt),
      retriesComplete: true,
    };
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  commit(): void {
    const orderKey = KEYS[this.#below(KEYS.length)] ?? '';
    const ids = {
      id: `d${this.made++}`,
      subscriptionId: 's',
      workspaceId: 'w',
      eventId: 'e',
      eventType: 't.t',
    };
    const delivery: PendingDelivery = {
      ...ids,
      generation: 0,
      attempts: 0,
      dueAt: this.now,
      firstAttemptAt: null,
      orderKey,
    };
    const queue = this.stored.get(orderKey) ?? [];
    this.stored.set(orderKey, queue);
    queue.push(delivery);
    if (queue.length === 1) this.scheduler.offer(this.lane, delivery, this.now);
  }

  pick(max = 10): void {
    for (const pick of this.scheduler.pick(this.now, max)) {
      const { id, orderKey = '' } = pick.delivery;
      const busy = [...this.#inFlight.values()].find(({ delivery }) => delivery.orderKey === orderKey);
      expect(busy?.delivery.id, `${id} is attempted beside another of its key`).toBeUndefined();
      expect(this.#unheard.get(orderKey), `${id} is attempted before what came of another is known`).toBe(
        undefined,
      );
      this.#inFlight.set(id, pick);
      this.attempted.set(orderKey, [...(this.attempted.get(orderKey) ?? []), id]);
    }
  }

  end(): void {
    const [pick] = this.#inFlight.values();
    if (!pick) return;
    const { delivery } = pick;
    const { orderKey = '' } = delivery;
    this.#inFlight.delete(delivery.id);
    this.#unheard.set(orderKey, delivery.id);
    const isSuccess = this.#random() < 0.6;
    const outcome = isSuccess ? 'success' : 'http_status';
    this.scheduler.ended(pick, { outcome, durationMs: 5, retryAfterMs: null }, this.now);
    this.#records.push(() => this.#record(pick, isSuccess));
  }

  #record(pick: PickedDelivery, isSuccess: boolean): void {
    const { delivery } = pick;
    const queue = this.stored.get(delivery.orderKey ?? '') ?? [];
    const isHead = queue[0]?.id === delivery.id;
    const retry =
      isSuccess || !isHead
        ? undefined
        : { ...delivery, attempts: delivery.attempts + 1, dueAt: this.now + this.#below(2_000) };
    if (retry) queue[0] = retry;
    else if (isHead) queue.shift();
    const next = isHead && !retry && queue[0] ? this.#due(queue[0]) : undefined;
    this.#answers.push(() => {
      this.#unheard.delete(delivery.orderKey ?? '');
      this.scheduler.recorded(pick, retry, this.now);
      if (next) this.scheduler.offer(this.lane, next, this.now);
    });
  }

  #due(head: PendingDelivery): PendingDelivery {
    head.dueAt = this.now;
    return { ...head };
  }

  /** Somebody cancels the first of a key: the next one is due, whatever is in flight. The owner is told by a mark. */
  cancel(): void {
    const queue = this.stored.get(KEYS[this.#below(KEYS.length)] ?? '');
    const head = queue?.[0];
    // What is in memory, due and not in flight, is found to be cancelled when it is handed over: not told here.
    if (!queue || !head || !this.#inFlight.has(head.id)) return;
    queue.shift();
    if (queue[0]) this.#due(queue[0]);
    this.isMarked = true;
  }

  step(): void {
    const dice = this.#random();
    if (dice < 0.25) this.commit();
    else if (dice < 0.5) this.pick();
    else if (dice < 0.65) this.end();
    else if (dice < 0.77) this.#records.shift()?.();
    else if (dice < 0.88) this.#answers.shift()?.();
    else if (dice < 0.9) this.cancel();
    else if (dice < 0.93) this.takeMarks();
    else if (dice < 0.97) this.returnLoad();
    else this.now += this.#below(400);
  }

  takeMarks(): void {
    if (this.isMarked) this.scheduler.reload(this.lane, this.now);
    this.isMarked = false;
  }

  returnLoad(): void {
    const answer = this.#loads.shift();
    if (answer) this.scheduler.loaded(answer.lane, answer.load, this.now);
  }

  drain(): void {
    for (let rounds = 0; rounds < 20_000 && this.pending > 0; rounds++) {
      this.pick();
      this.end();
      this.#records.shift()?.();
      this.#answers.shift()?.();
      this.takeMarks();
      this.returnLoad();
      this.now += this.#inFlight.size === 0 ? 100 : 0;
    }
  }

  get pending(): number {
    return [...this.stored.values()].reduce((sum, { length }) => sum + length, 0);
  }
}

test('whatever the order of commits, loads, records and cancels, each key goes on one by one, in order, to its end', () => {
  const { seed, random } = seededRandom();
  onTestFailed(() => {
    process.stderr.write(`VELAHOOK_TEST_SEED=${seed}\n`);
  });
  for (let round = 0; round < 60; round++) {
    const race = new OrderedRace(random);
    for (let part = 0; part < 4; part++) {
      for (let i = 0; i < 200; i++) race.step();
      race.drain();
      expect(race.pending, `held back for ever in round ${round}`).toBe(0);
    }
    for (const [key, ids] of race.attempted) {
      const numbers = ids.map((id) => Number(id.slice(1)));
      expect(numbers, `key ${key}`).toEqual(numbers.toSorted((a, b) => a - b));
    }
  }
});

test('a delivery that is cancelled while it waits behind one of its key in flight is not attempted', () => {
  const scheduler = new Scheduler({ slots: 9, slotsPerWorkspace: 9, slotsPerOrigin: 9 }, () => undefined);
  const lane = scheduler.open(
    { subscriptionId: 's', workspaceId: 'w', origin: 'o', suspect: false, health: null, complete: true },
    0,
  );
  const ids = { subscriptionId: 's', workspaceId: 'w', eventId: 'e', eventType: 't.t', orderKey: 'k' };
  const offer = (id: string): void =>
    scheduler.offer(lane, { ...ids, id, generation: 0, attempts: 0, dueAt: 0, firstAttemptAt: null }, 0);
  offer('first');
  const [pick] = scheduler.pick(0, 9);
  if (!pick) throw new Error('It is due.');
  // The first was cancelled in flight, so that the others are next, one after the other; the second is cancelled, too.
  offer('second');
  offer('third');
  scheduler.withdraw(lane, 'second', 0);
  scheduler.ended(pick, { outcome: 'success', durationMs: 5, retryAfterMs: null }, 0);
  scheduler.recorded(pick, undefined, 0);
  expect(scheduler.pick(0, 9).map(({ delivery }) => delivery.id)).toEqual(['third']);
});
