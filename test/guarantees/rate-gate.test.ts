import process from 'node:process';
import { expect, onTestFailed, test } from 'vitest';
import type { PendingDelivery } from '../../src/domain/delivery.ts';
import type { Lane } from '../../src/engine/schedule/lane.ts';
import type { PickedDelivery } from '../../src/engine/schedule/scheduler.ts';
import { Scheduler } from '../../src/engine/schedule/scheduler.ts';
import { seededRandom } from '../support/seed.ts';

const LIMITS = { slots: 512, slotsPerWorkspace: 512, slotsPerOrigin: 512 };
const LANE = { subscriptionId: 's', workspaceId: 'w', origin: 'o', health: null, complete: true };

function delivery(n: number): PendingDelivery {
  const ids = { id: `d${n}`, subscriptionId: 's', workspaceId: 'w', eventId: `e${n}`, eventType: 't.t' };
  return { ...ids, generation: 0, attempts: 0, dueAt: 0, firstAttemptAt: null };
}

/** A lane with more to do than it may, in time that a test owns; attempts start some time after they are picked. */
class LimitedLane {
  readonly starts: number[] = [];
  now = 1_000_000;
  #made = 0;
  /** Offered to the lane as it is now, and not picked. */
  #waiting = 0;
  #picked: { pick: PickedDelivery; startsAt: number }[] = [];
  #scheduler: Scheduler;
  #lane: Lane;
  readonly #lateMs: () => number;

  constructor(rateLimit: number, lateMs: () => number) {
    this.#lateMs = lateMs;
    [this.#scheduler, this.#lane] = this.#open(rateLimit, false);
  }

  #open(rateLimit: number, suspect: boolean): [Scheduler, Lane] {
    this.#waiting = 0;
    const scheduler = new Scheduler(LIMITS, () => undefined);
    return [scheduler, scheduler.open({ ...LANE, suspect, rateLimit }, this.now)];
  }

  /** The node died, whatever it had picked was not started, and another one has the lane. */
  takenOver(rateLimit: number): void {
    this.#picked = [];
    [this.#scheduler, this.#lane] = this.#open(rateLimit, true);
    this.#lane.suspect = false;
  }

  /** Given back, when it can be, to be taken by another node at once. */
  handedOver(rateLimit: number): void {
    for (let i = 0; !this.#lane.canLeave(this.now); i++) {
      this.#lane.isLeaving = true;
      this.step(1, () => 1);
      if (i > 5_000) throw new Error('The lane never leaves.');
    }
    [this.#scheduler, this.#lane] = this.#open(rateLimit, false);
  }

  limit(rateLimit: number): void {
    this.#scheduler.limitRate(this.#lane, rateLimit, this.now);
  }

  step(ms: number, random: () => number): void {
    this.now += ms;
    for (; this.#waiting < 60; this.#waiting++)
      this.#scheduler.offer(this.#lane, { ...delivery(this.#made++), dueAt: this.now }, this.now);
    const picks = this.#scheduler.pick(this.now, 64);
    this.#waiting -= picks.length;
    this.#picked.push(...picks.map((pick) => ({ pick, startsAt: this.now + this.#lateMs() })));
    const due = this.#picked.filter(({ startsAt }) => startsAt <= this.now);
    this.#picked = this.#picked.filter(({ startsAt }) => startsAt > this.now);
    for (const { pick } of due) {
      if (random() < 0.05) {
        this.#scheduler.notMade(pick, this.now, this.now);
        this.#waiting += 1;
        continue;
      }
      this.#scheduler.started(pick, this.now);
      this.starts.push(this.now);
      this.#scheduler.ended(pick, { outcome: 'success', durationMs: 5, retryAfterMs: null }, this.now);
      this.#scheduler.recorded(pick, undefined, this.now);
    }
  }

  /** The most attempts that started in any second. */
  get mostInASecond(): number {
    let most = 0;
    let from = 0;
    this.starts.forEach((at, i) => {
      while ((this.starts[from] ?? at) <= at - 1_000) from += 1;
      most = Math.max(most, i - from + 1);
    });
    return most;
  }
}

function seeded(): () => number {
  const { seed, random } = seededRandom();
  onTestFailed(() => {
    process.stderr.write(`VELAHOOK_TEST_SEED=${seed}\n`);
  });
  return random;
}

test.for([1, 2, 3, 7, 19, 20, 21, 39, 40, 100, 333, 1_000])(
  'of a limit of %s no more start in any second, however late each starts; and nearly as many as may',
  (rateLimit) => {
    const random = seeded();
    const punctual = new LimitedLane(rateLimit, () => 0);
    const late = new LimitedLane(rateLimit, () => (random() < 0.02 ? random() * 400 : random() * 3));
    for (const lane of [punctual, late]) {
      const begin = lane.now;
      while (lane.now < begin + 20_000)
        lane.step(random() < 0.0005 ? 150 : 1 + Math.floor(random() * 2), random);
      expect(lane.mostInASecond).toBeLessThanOrEqual(rateLimit);
    }
    // Nine tenths are aimed at, some are not made, and nothing happens in pauses of 150 ms now and then.
    expect(punctual.starts.length / 20).toBeGreaterThan(rateLimit * 0.75);
  },
);

test('a lane that changes hands all the time, in order or by deaths, keeps its limit', () => {
  const random = seeded();
  for (const rateLimit of [1, 5, 40, 200]) {
    const lane = new LimitedLane(rateLimit, () => random() * 20);
    for (let i = 0; i < 40; i++) {
      for (let left = random() * 700; left > 0; left--) lane.step(1, random);
      if (random() < 0.5) lane.takenOver(rateLimit);
      else lane.handedOver(rateLimit);
    }
    expect(lane.mostInASecond, `limit ${rateLimit}`).toBeLessThanOrEqual(rateLimit);
  }
});

test('another limit holds from the moment it is set', () => {
  const lane = new LimitedLane(200, () => 0);
  for (let i = 0; i < 3_000; i++) lane.step(1, () => 1);
  lane.limit(3);
  const lowered = lane.starts.length;
  for (let i = 0; i < 10_000; i++) lane.step(1, () => 1);
  expect(lane.starts.length - lowered).toBeLessThanOrEqual(29);
  lane.limit(100);
  const raised = lane.starts.length;
  for (let i = 0; i < 1_000; i++) lane.step(1, () => 1);
  expect(lane.starts.length - raised).toBeGreaterThan(80);
});
