import process from 'node:process';
import { expect, onTestFailed, test } from 'vitest';
import type { PendingDelivery } from '../../src/domain/delivery.ts';
import type { Lane } from '../../src/engine/schedule/lane.ts';
import type { PickedDelivery } from '../../src/engine/schedule/scheduler.ts';
import { Scheduler } from '../../src/engine/schedule/scheduler.ts';
import type { LaneLoad } from '../../src/store/contract/lanes.ts';
import { seededRandom } from '../support/seed.ts';

/**
 * A lane's memory against its store, in random order: commits here and on other nodes, marks that tell of those later,
 * loads that read a state and return later, ends of attempts, records, windows that overflow. Whatever the order, every delivery is attempted until it is finished
 * and none is attempted twice at once or after its end.
 */
class Race {
  readonly stored = new Map<string, PendingDelivery>();
  readonly finished = new Set<string>();
  readonly inFlight = new Map<string, PickedDelivery>();
  /** Ended and not recorded. */
  readonly unrecorded = new Set<string>();
  readonly #loads: { lane: Lane; load: LaneLoad }[] = [];
  readonly #records: (() => void)[] = [];
  /** Committed and not heard of. */
  readonly #answers: (() => void)[] = [];
  /** Another node has left a mark on the lane. */
  isMarked = false;
  readonly #random: () => number;
  readonly #elsewhere: number;
  readonly #atOnce: number;
  readonly scheduler: Scheduler;
  now = 1_000_000;
  made = 0;

  /** `elsewhere`: the part of all commits that other nodes make. Some races have a backlog, some a trickle. */
  constructor(random: () => number, elsewhere: number) {
    this.#random = random;
    this.#elsewhere = elsewhere;
    this.#atOnce = random() < 0.5 ? 40 : 1;
    this.scheduler = new Scheduler({ slots: 40, slotsPerWorkspace: 40, slotsPerOrigin: 40 }, (lane) => {
      const { firstLimit, retryLimit } = lane.beginLoad();
      this.#loads.push({ lane, load: this.#read(lane, firstLimit, retryLimit) });
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

  #read(lane: Lane, firstLimit: number, retryLimit: number): LaneLoad {
    const all = [...this.stored.values()]
      .filter((delivery) => delivery.subscriptionId === lane.subscriptionId)
      .sort((a, b) => a.dueAt - b.dueAt);
    const first = all.filter((delivery) => delivery.attempts === 0);
    const retries = all.filter((delivery) => delivery.attempts > 0);
    return {
      first: first.slice(0, firstLimit),
      firstComplete: first.length <= firstLimit,
      retries: retries.slice(0, retryLimit),
      retriesComplete: retries.length <= retryLimit,
    };
  }

  /** `elsewhere`: by another node, which leaves a mark. */
  commit(count: number, elsewhere = false): void {
    if (elsewhere) this.isMarked = true;
    for (let i = 0; i < count; i++) {
      const delivery: PendingDelivery = {
        id: `d${this.made++}`,
        subscriptionId: 's',
        workspaceId: 'w',
        eventId: 'e',
        eventType: 't.t',
        generation: 0,
        attempts: 0,
        dueAt: this.now,
        firstAttemptAt: null,
      };
      this.stored.set(delivery.id, delivery);
      if (!elsewhere) this.scheduler.offer(this.lane, delivery, this.now);
    }
  }

  takeMarks(): void {
    if (!this.isMarked) return;
    this.isMarked = false;
    this.scheduler.reload(this.lane, this.now);
  }

  pick(max: number): void {
    for (const pick of this.scheduler.pick(this.now, max)) {
      const { id } = pick.delivery;
      expect(this.finished.has(id), `${id} is attempted after its end`).toBe(false);
      expect(this.inFlight.has(id) || this.unrecorded.has(id), `${id} is attempted twice at once`).toBe(
        false,
      );
      expect(pick.delivery).toEqual(this.stored.get(id));
      this.inFlight.set(id, pick);
    }
  }

  /** An attempt ends now; its record is committed, and heard of, some time later. */
  end(): void {
    const [pick] = this.inFlight.values();
    if (!pick) return;
    const { delivery } = pick;
    this.inFlight.delete(delivery.id);
    const isSuccess = this.#random() < 0.6;
    this.scheduler.ended(
      pick,
      { outcome: isSuccess ? 'success' : 'http_status', durationMs: 5, retryAfterMs: null },
      this.now,
    );
    this.#records.push(() => {
      const retry = isSuccess
        ? undefined
        : {
            ...delivery,
            attempts: delivery.attempts + 1,
            dueAt: this.now + Math.floor(this.#random() * 3_000),
          };
      if (retry) {
        this.stored.set(delivery.id, retry);
      } else {
        this.stored.delete(delivery.id);
        this.finished.add(delivery.id);
      }
      this.#answers.push(() => {
        this.unrecorded.delete(delivery.id);
        this.scheduler.recorded(pick, retry, this.now);
      });
    });
    this.unrecorded.add(delivery.id);
  }

  record(): void {
    this.#records.shift()?.();
  }

  hear(): void {
    this.#answers.shift()?.();
  }

  returnLoad(): void {
    const answer = this.#loads.shift();
    if (answer) this.scheduler.loaded(answer.lane, answer.load, this.now);
  }

  get isBusy(): boolean {
    const waiting = this.#loads.length + this.#records.length + this.#answers.length;
    return waiting > 0 || this.inFlight.size > 0 || this.isMarked;
  }

  step(): void {
    const dice = this.#random();
    if (dice < 0.2 && this.made < 1_500)
      this.commit(1 + Math.floor(this.#random() * this.#atOnce), this.#random() < this.#elsewhere);
    else if (dice < 0.45) this.pick(10);
    else if (dice < 0.65) for (let i = 0; i < 5; i++) this.end();
    else if (dice < 0.77) for (let i = 0; i < 5; i++) this.record();
    else if (dice < 0.88) for (let i = 0; i < 5; i++) this.hear();
    else if (dice < 0.92) this.takeMarks();
    else if (dice < 0.97) this.returnLoad();
    else this.now += Math.floor(this.#random() * 400);
  }

  drain(): void {
    for (let rounds = 0; rounds < 20_000 && (this.stored.size > 0 || this.isBusy); rounds++) {
      this.pick(100);
      this.end();
      this.record();
      this.hear();
      this.takeMarks();
      this.returnLoad();
      if (!this.isBusy)
        this.now = Math.max(this.now, Math.min(this.scheduler.nextWakeAt(), this.now + 60_000));
    }
  }
}

const PARTS_ELSEWHERE = [0, 0.1, 0.5, 1];

test.for(PARTS_ELSEWHERE)(
  'whatever the order of commits, %s of them elsewhere, of loads and records, each delivery is attempted to its end and never twice',
  (elsewhere) => {
    const { seed, random } = seededRandom();
    onTestFailed(() => {
      process.stderr.write(`VELAHOOK_TEST_SEED=${seed}\n`);
    });
    for (let round = 0; round < 40; round++) {
      const race = new Race(random, elsewhere);
      for (let part = 0; part < 6; part++) {
        for (let i = 0; i < 250; i++) race.step();
        race.drain();
        expect(race.stored.size, `lost in round ${round} of seed ${seed}`).toBe(0);
        expect(race.finished.size).toBe(race.made);
      }
    }
  },
);
