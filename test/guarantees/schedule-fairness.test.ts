import { describe, expect, test } from 'vitest';
import type { PendingDelivery } from '../../src/domain/delivery.ts';
import type { AttemptOutcome } from '../../src/domain/attempt.ts';
import { NEW_LANE_HEALTH } from '../../src/domain/lane.ts';
import type { Lane } from '../../src/engine/schedule/lane.ts';
import type { PickedDelivery, SchedulerLimits } from '../../src/engine/schedule/scheduler.ts';
import { Scheduler } from '../../src/engine/schedule/scheduler.ts';

const LIMITS: SchedulerLimits = { slots: 64, slotsPerWorkspace: 32, slotsPerOrigin: 16 };
const NOW = 1_000_000;

/** A scheduler with lanes that never need a load, and a clock of the test's own. */
class Desk {
  readonly scheduler: Scheduler;
  now = NOW;
  #made = 0;

  constructor(limits: SchedulerLimits = LIMITS) {
    this.scheduler = new Scheduler(limits, () => expect.unreachable('no lane here is incomplete'));
  }

  lane(name: string, more: { workspace?: string; origin?: string; proven?: boolean } = {}): Lane {
    return this.scheduler.open(
      {
        subscriptionId: name,
        workspaceId: more.workspace ?? 'w1',
        origin: more.origin ?? `https://${name}.example`,
        suspect: false,
        health: { ...NEW_LANE_HEALTH, condition: more.proven === false ? 'new' : 'proven' },
        complete: true,
      },
      this.now,
    );
  }

  offer(lane: Lane, count: number, more: Partial<PendingDelivery> = {}): void {
    for (let i = 0; i < count; i++) {
      this.scheduler.offer(
        lane,
        {
          id: `d${this.#made++}`,
          subscriptionId: lane.subscriptionId,
          workspaceId: lane.workspaceId,
          eventId: 'e',
          eventType: 't.t',
          generation: 0,
          attempts: 0,
          dueAt: this.now,
          firstAttemptAt: null,
          ...more,
        },
        this.now,
      );
    }
  }

  pick(max = 10_000): PickedDelivery[] {
    return this.scheduler.pick(this.now, max);
  }

  end(pick: PickedDelivery, outcome: AttemptOutcome = 'success', retryAfterMs: number | null = null): void {
    this.scheduler.ended(pick, { outcome, durationMs: 5, retryAfterMs }, this.now);
    this.scheduler.recorded(pick, undefined, this.now);
  }
}

function countBy(
  picks: readonly PickedDelivery[],
  key: (pick: PickedDelivery) => string,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const pick of picks) counts.set(key(pick), (counts.get(key(pick)) ?? 0) + 1);
  return counts;
}

describe('who is next', () => {
  test('a workspace with 5,000 busy lanes and one with a single lane are served in turn', () => {
    const desk = new Desk({ slots: 10_000, slotsPerWorkspace: 10_000, slotsPerOrigin: 100 });
    for (let i = 0; i < 5_000; i++) desk.offer(desk.lane(`a${i}`, { workspace: 'crowd' }), 2);
    desk.offer(desk.lane('b', { workspace: 'single' }), 8);
    const order = desk.pick(16).map((pick) => pick.lane.workspaceId);
    expect(countBy(desk.pick(0), (pick) => pick.lane.workspaceId).size).toBe(0);
    expect(order.filter((workspace) => workspace === 'single')).toHaveLength(8);
    expect(order.slice(0, 4).sort()).toEqual(['crowd', 'crowd', 'single', 'single']);
  });

  test('lanes of a workspace are served in turn, however long their queues', () => {
    const desk = new Desk();
    desk.offer(desk.lane('long'), 200);
    desk.offer(desk.lane('short'), 2);
    const order = desk.pick(4).map((pick) => pick.lane.subscriptionId);
    expect(order.sort()).toEqual(['long', 'long', 'short', 'short']);
  });

  test('a due retry gets one attempt in four of its lane, however long the queue before it', () => {
    const desk = new Desk();
    const lane = desk.lane('lane');
    desk.offer(lane, 100);
    desk.offer(lane, 2, { attempts: 3, dueAt: NOW - 5 });
    const retries = [...Array(8).keys()].map(() => {
      const [pick] = desk.pick(1);
      if (!pick) throw new Error('a busy lane has a delivery to pick');
      desk.end(pick);
      return pick.delivery.attempts > 0;
    });
    expect(retries.filter(Boolean)).toHaveLength(2);
    expect(retries.slice(0, 4).filter(Boolean)).toHaveLength(1);
  });

  test('a retry that is not due waits until it is, and the scheduler says when', () => {
    const desk = new Desk();
    desk.offer(desk.lane('lane'), 1, { attempts: 1, dueAt: NOW + 1_000 });
    expect(desk.pick()).toHaveLength(0);
    expect(desk.scheduler.nextWakeAt()).toBe(NOW + 1_000);
    desk.now = NOW + 1_000;
    expect(desk.pick()).toHaveLength(1);
  });
});

describe('what may be in flight', () => {
  test('a workspace never holds more than its slots, and gets one back for each that ends', () => {
    const desk = new Desk();
    for (let i = 0; i < 20; i++) desk.offer(desk.lane(`l${i}`), 8);
    const picks = desk.pick();
    expect(picks).toHaveLength(LIMITS.slotsPerWorkspace);
    expect(desk.pick()).toHaveLength(0);
    const [first] = picks;
    if (first) desk.end(first);
    expect(desk.pick()).toHaveLength(1);
  });

  test('an origin never holds more than its slots, over all its lanes, and every parked lane gets its turn', () => {
    const desk = new Desk();
    const lanes = [...Array(30).keys()].map((i) =>
      desk.lane(`l${i}`, { origin: 'https://shared.example', workspace: `w${i % 3}` }),
    );
    for (const lane of lanes) desk.offer(lane, 3);
    const served = new Map<string, number>();
    let inFlight = desk.pick();
    expect(inFlight).toHaveLength(LIMITS.slotsPerOrigin);
    while (inFlight.length > 0) {
      const pick = inFlight.shift();
      if (!pick) break;
      served.set(pick.lane.subscriptionId, (served.get(pick.lane.subscriptionId) ?? 0) + 1);
      desk.end(pick);
      inFlight = [...inFlight, ...desk.pick()];
      expect(inFlight.length).toBeLessThanOrEqual(LIMITS.slotsPerOrigin);
    }
    expect(served.size).toBe(30);
    expect([...served.values()].every((count) => count === 3)).toBe(true);
  });

  test('a parked lane is served after the one that was woken before it is closed', () => {
    const desk = new Desk({ slots: 64, slotsPerWorkspace: 64, slotsPerOrigin: 2 });
    const lanes = ['a', 'b', 'c', 'd'].map((name) => desk.lane(name, { origin: 'https://shared.example' }));
    for (const lane of lanes) desk.offer(lane, 1);
    const picks = desk.pick();
    expect(picks).toHaveLength(2);
    for (const pick of picks) desk.end(pick);
    const woken = lanes.find((lane) => !picks.some((pick) => pick.lane === lane));
    if (woken) desk.scheduler.close(woken);
    expect(desk.pick()).toHaveLength(1);
  });

  test('an eighth of the slots is left for proven lanes, whatever all others want', () => {
    const desk = new Desk({ slots: 64, slotsPerWorkspace: 64, slotsPerOrigin: 64 });
    for (let i = 0; i < 1_000; i++) {
      const lane = desk.lane(`hanging${i}`);
      lane.health = { ...lane.health, condition: 'unhealthy', limit: 1, pausedUntil: 0 };
      desk.offer(lane, 1);
    }
    for (let i = 0; i < 1_000; i++) desk.offer(desk.lane(`new${i}`, { proven: false }), 1);
    const greedy = desk.lane('greedy');
    greedy.health = { ...greedy.health, limit: 50 };
    desk.offer(greedy, 200);
    desk.pick();
    expect(desk.scheduler.usedBy('unhealthy')).toBe(8);
    expect(desk.scheduler.usedBy('new')).toBe(16);
    expect(desk.scheduler.usedBy('further')).toBe(32);
    expect(desk.scheduler.usedBy('proven')).toBe(2);
    for (let i = 0; i < 20; i++) desk.offer(desk.lane(`healthy${i}`), 5);
    const healthy = desk.pick();
    expect(healthy).toHaveLength(6);
    expect(countBy(healthy, (pick) => pick.lane.subscriptionId).size).toBe(6);
  });

  test('a lane that was refused a further slot asks again when an attempt of its own ends', () => {
    const desk = new Desk({ slots: 64, slotsPerWorkspace: 64, slotsPerOrigin: 16 });
    const [one, other] = ['one', 'other'].map((name) =>
      desk.lane(name, { origin: 'https://shared.example' }),
    );
    if (!one || !other) throw new Error('two lanes were opened');
    desk.offer(one, 50);
    const held = desk.pick();
    // Its limit; the origin would have two more further slots.
    expect(held).toHaveLength(8);
    desk.offer(other, 50);
    const beside = desk.pick();
    expect(beside).toHaveLength(2 + 2);
    for (const pick of held) desk.end(pick);
    const again = desk.pick();
    expect(again.every((pick) => pick.lane === one)).toBe(true);
    for (const pick of beside) desk.end(pick);
    expect(desk.pick().filter((pick) => pick.lane === other)).not.toHaveLength(0);
  });

  test('lanes that wait for one origin have their turns by workspace too', () => {
    const desk = new Desk({ slots: 10_000, slotsPerWorkspace: 10_000, slotsPerOrigin: 8 });
    const origin = 'https://shared.example';
    for (let i = 0; i < 1_000; i++) desk.offer(desk.lane(`a${i}`, { workspace: 'crowd', origin }), 1);
    const held = desk.pick();
    expect(held).toHaveLength(8);
    desk.offer(desk.lane('b', { workspace: 'single', origin }), 1);
    expect(desk.pick()).toHaveLength(0);
    for (const pick of held.slice(0, 2)) desk.end(pick);
    expect(desk.pick().map((pick) => pick.lane.workspaceId)).toContain('single');
  });

  test('a slot that a waiting lane has no use for any more goes to the next one', () => {
    const desk = new Desk({ slots: 64, slotsPerWorkspace: 64, slotsPerOrigin: 1 });
    const origin = 'https://shared.example';
    const [told, next] = ['told', 'next'].map((name) => desk.lane(name, { origin }));
    if (!told || !next) throw new Error('two lanes were opened');
    desk.offer(told, 5);
    const [pick] = desk.pick();
    desk.offer(next, 1);
    expect(desk.pick()).toHaveLength(0);
    // Its own answer tells the lane to wait, while it is first in the row for the slot that this frees.
    if (pick) desk.end(pick, 'http_status', 60_000);
    expect(desk.pick().map(({ lane }) => lane)).toEqual([next]);
  });

  test('one hanging lane is probed one at a time while twenty healthy ones go on', () => {
    const desk = new Desk();
    const hanging = desk.lane('hanging');
    desk.offer(hanging, 50);
    const healthy = [...Array(20).keys()].map((i) => desk.lane(`h${i}`, { workspace: 'w2' }));
    for (const pick of desk.pick()) desk.end(pick, 'timeout');
    expect(hanging.health).toMatchObject({ condition: 'unhealthy', limit: 1 });
    for (const lane of healthy) desk.offer(lane, 4);
    const picks = desk.pick();
    expect(picks.some((pick) => pick.lane === hanging)).toBe(false);
    expect(countBy(picks, (pick) => pick.lane.subscriptionId).size).toBe(20);
    desk.now = hanging.health.pausedUntil;
    expect(desk.pick().filter((pick) => pick.lane === hanging)).toHaveLength(1);
  });
});

describe('what a lane learns', () => {
  test('probes are 1 s apart, then twice as long each time, up to a minute', () => {
    const desk = new Desk();
    const lane = desk.lane('lane');
    desk.offer(lane, 20);
    const waits: number[] = [];
    for (const pick of desk.pick()) desk.end(pick, 'timeout');
    for (let i = 0; i < 9; i++) {
      waits.push(lane.health.pausedUntil - desk.now);
      desk.now = lane.health.pausedUntil;
      const picks = desk.pick();
      expect(picks).toHaveLength(1);
      for (const pick of picks) desk.end(pick, 'timeout');
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
  });

  test('after an outage a lane starts slowly: one, then as many again with each success', () => {
    const desk = new Desk();
    const lane = desk.lane('lane');
    desk.offer(lane, 200);
    for (const pick of desk.pick()) desk.end(pick, 'timeout');
    desk.now = lane.health.pausedUntil;
    const rounds: number[] = [];
    for (let i = 0; i < 4; i++) {
      const picks = desk.pick();
      rounds.push(picks.length);
      for (const pick of picks) desk.end(pick, 'success');
    }
    expect(rounds).toEqual([1, 2, 4, 8]);
  });

  test('quick failures halve what may be in flight and do not stop the lane', () => {
    const desk = new Desk();
    const lane = desk.lane('lane');
    desk.offer(lane, 30);
    const [pick] = desk.pick(1);
    if (pick) desk.end(pick, 'http_status');
    expect(lane.health).toMatchObject({ condition: 'proven', limit: 4 });
    expect(desk.pick().length).toBe(4);
  });

  test('a row of quick failures leaves one attempt at a time, and no delivery waits longer than its schedule', () => {
    const desk = new Desk();
    const lane = desk.lane('lane');
    for (let i = 0; i < 30; i++) {
      desk.offer(lane, 1);
      const picks = desk.pick();
      expect(picks).toHaveLength(1);
      for (const pick of picks) desk.end(pick, 'connect');
    }
    expect(lane.health).toMatchObject({ condition: 'unhealthy', limit: 1 });
    expect(lane.health.pausedUntil).toBeLessThanOrEqual(desk.now);
  });

  test('a slow failure is as bad as a timeout', () => {
    const desk = new Desk();
    const lane = desk.lane('lane');
    desk.offer(lane, 1);
    const [pick] = desk.pick();
    if (pick)
      desk.scheduler.ended(pick, { outcome: 'http_status', durationMs: 9_000, retryAfterMs: null }, desk.now);
    expect(lane.health).toMatchObject({ condition: 'unhealthy', limit: 1, pausedUntil: NOW + 1_000 });
  });

  test('Retry-After holds the whole lane back, for a quarter of an hour at most', () => {
    const desk = new Desk();
    const lane = desk.lane('lane');
    desk.offer(lane, 3);
    const [pick, ...others] = desk.pick();
    if (pick) desk.end(pick, 'http_status', 3_600_000);
    for (const other of others) desk.end(other, 'success');
    desk.offer(lane, 1);
    expect(lane.health.pausedUntil).toBe(NOW + 15 * 60_000);
    expect(desk.pick()).toHaveLength(0);
    desk.now = NOW + 15 * 60_000;
    expect(desk.pick()).toHaveLength(1);
  });

  test('a suspect lane makes one attempt at a time until one is recorded', () => {
    const desk = new Desk();
    const lane = desk.lane('lane');
    lane.suspect = true;
    desk.offer(lane, 5);
    const [pick, ...others] = desk.pick();
    expect(others).toHaveLength(0);
    if (pick) desk.end(pick);
    expect(desk.pick().length).toBe(4);
  });

  test('a fault of ours rests the lane and consumes nothing', () => {
    const desk = new Desk();
    const lane = desk.lane('lane');
    desk.offer(lane, 1);
    const [pick] = desk.pick();
    if (!pick) throw new Error('there is one to pick');
    desk.scheduler.notMade(pick, desk.now + 2_000, desk.now);
    expect(desk.pick()).toHaveLength(0);
    desk.now += 2_000;
    const [again] = desk.pick();
    expect(again?.delivery).toEqual(pick.delivery);
    expect(lane.health.failuresInRow).toBe(0);
  });

  test('what a lane learned is remembered when it comes back', () => {
    const desk = new Desk();
    const lane = desk.lane('lane');
    desk.offer(lane, 1);
    for (const pick of desk.pick()) desk.end(pick, 'timeout');
    desk.scheduler.close(lane);
    const again = desk.scheduler.open(
      {
        subscriptionId: 'lane',
        workspaceId: 'w1',
        origin: 'https://o.example',
        suspect: false,
        health: null,
        complete: true,
      },
      desk.now,
    );
    expect(again.health.condition).toBe('unhealthy');
  });
});
