import process from 'node:process';
import { expect, onTestFailed, test } from 'vitest';
import type { SchedulerLimits } from '../../src/engine/schedule/scheduler.ts';
import { seededRandom } from '../support/seed.ts';
import type { Manner, Subscriber } from './scheduler-world.ts';
import { World } from './scheduler-world.ts';

/** Small, so that every pool is full most of the time. */
const LIMITS: SchedulerLimits = { slots: 24, slotsPerWorkspace: 12, slotsPerOrigin: 8 };
const MANNERS: readonly Manner[] = ['healthy', 'healthy', 'slow', 'failing', 'hanging'];
const ROUNDS = 150;
const STEPS = 400;

function printSeed(seed: number): void {
  onTestFailed(() => {
    process.stderr.write(`VELAHOOK_TEST_SEED=${seed}\n`);
  });
}

function isBusy({ pending }: Subscriber): boolean {
  return pending.size > 0;
}

/** Something happens to somebody. */
function disturb(world: World, random: () => number): void {
  const subscriber = world.subscribers[world.below(world.subscribers.length)];
  if (!subscriber) return;
  const dice = random();
  if (dice < 0.55) world.publish(subscriber, 1 + world.below(10));
  else if (dice < 0.65) world.close(subscriber);
  else if (dice < 0.75) world.move(subscriber, `origin ${world.below(6)}`);
  else if (dice < 0.8) subscriber.manner = MANNERS[world.below(MANNERS.length)] ?? 'healthy';
  else if (!world.scheduler.find(subscriber.id)) world.open(subscriber);
}

test('among receivers of all manners no limit is passed and nobody waits beside free slots', () => {
  const { seed, random } = seededRandom();
  printSeed(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const world = new World(LIMITS, random);
    const workspaces = 1 + world.below(5);
    for (let i = 0; i < 40; i++) {
      const manner = MANNERS[world.below(MANNERS.length)] ?? 'healthy';
      world.subscribe(`workspace ${world.below(workspaces)}`, `origin ${world.below(6)}`, manner);
    }
    for (let step = 0; step < STEPS; step++) {
      if (random() < 0.5) disturb(world, random);
      world.pick(random() < 0.3 ? 1 + world.below(4) : Infinity);
      if (random() < 0.5) world.advance();
    }
    // Everybody gets well: then all that is pending is delivered, however the lanes were left.
    for (const subscriber of world.subscribers) {
      subscriber.manner = 'healthy';
      if (!world.scheduler.find(subscriber.id)) world.open(subscriber);
    }
    do world.pick();
    while (world.advance());
    expect(world.subscribers.filter(isBusy), `left waiting in round ${round}`).toEqual([]);
    expect(world.scheduler.inFlight).toBe(0);
  }
});

test('workspaces that want as much get as much, however many lanes each has', () => {
  const { seed, random } = seededRandom();
  printSeed(seed);
  for (let round = 0; round < 8; round++) {
    const world = new World({ slots: 16, slotsPerWorkspace: 12, slotsPerOrigin: 100 }, random);
    const workspaces = Array.from({ length: 8 }, (_, i) => `workspace ${i}`);
    // With fewer lanes a workspace has too little under way at once to want as much as the others.
    for (const workspaceId of workspaces)
      for (let lanes = 4 + world.below(40); lanes > 0; lanes--)
        world.publish(world.subscribe(workspaceId, `origin ${world.below(50)}`, 'healthy'), 3);
    const refill = (): void => {
      for (const subscriber of world.subscribers) if (!isBusy(subscriber)) world.publish(subscriber, 3);
    };
    const servedOf = (workspaceId: string): number =>
      world.subscribers
        .filter((subscriber) => subscriber.workspaceId === workspaceId)
        .reduce((sum, { served }) => sum + served, 0);
    // Until all are known to answer; those that were served sooner are ahead till then.
    const run = (steps: number): void => {
      for (let step = 0; step < steps; step++) {
        world.pick();
        world.advance();
        refill();
      }
    };
    run(500);
    const before = workspaces.map(servedOf);
    run(1_500);
    const served = workspaces.map((workspaceId, i) => servedOf(workspaceId) - (before[i] ?? 0));
    expect(jain(served), `shares ${served.join(' ')}`).toBeGreaterThanOrEqual(0.95);
  }
});

test('a healthy lane waits for no more turns than there are others, whatever hangs beside it', () => {
  const { seed, random } = seededRandom();
  printSeed(seed);
  for (let round = 0; round < 20; round++) {
    const world = new World(LIMITS, random);
    const healthy = Array.from({ length: 10 }, (_, i) =>
      world.subscribe(`workspace ${i % 2}`, `origin ${i % 3}`, 'healthy'),
    );
    for (const subscriber of healthy) world.publish(subscriber, 1);
    do world.pick();
    while (world.advance());
    const bad = Array.from({ length: 100 }, (_, i) =>
      world.subscribe(`workspace ${i % 2}`, `origin ${i % 3}`, random() < 0.8 ? 'hanging' : 'failing'),
    );
    for (let step = 0; step < 600; step++) {
      const one = bad[world.below(bad.length)];
      if (one) world.publish(one, 1 + world.below(20));
      const subscriber = healthy[world.below(healthy.length)];
      if (subscriber && !isBusy(subscriber)) {
        world.publish(subscriber, 1);
        const published = world.order.length;
        const publishedAt = world.now;
        world.pick();
        for (let i = 0; isBusy(subscriber) && subscriber.inFlight === 0 && i < 100; i++) {
          world.advance();
          world.pick();
        }
        const others = world.order.slice(published).filter((each) => each !== subscriber);
        expect(others.length, 'turns of others before its own').toBeLessThanOrEqual(
          healthy.length + bad.length,
        );
        // It never waits for a receiver that hangs.
        expect(world.now - publishedAt).toBeLessThan(1_000);
      }
      if (random() < 0.7) world.advance();
      world.pick();
    }
  }
});

/** Jain's index of fairness: 1 when all have the same, 1/n when one has everything. */
function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return (sum * sum) / (shares.length * squares);
}
