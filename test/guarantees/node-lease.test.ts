import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { TIMEOUT_MS_MAX } from '../../src/domain/subscription.ts';
import { LaneShare } from '../../src/engine/lane-share.ts';
import { NodeLease } from '../../src/engine/node-lease.ts';
import type { NodeRegistration } from '../../src/store/contract/nodes.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';

const LEASE_MS = 45_000;
const NO_LOG = { debug() {}, info() {}, warn() {}, error() {} };

/** What the store answers to a node, at the test's word; its own clock runs with the node's. */
class Registry {
  readonly clock = new FakeClock();
  leaseMs: number | null = LEASE_MS;
  epoch = 0;
  leaseUntil = 0;
  renewals = 0;
  lanesFreed = 0;
  /** So many registrations fail. */
  refusals = 0;
  isAway = false;
  isRetired = false;
  /** Answers, but not their effect, wait for this. */
  hold: Promise<void> = Promise.resolve();

  async registerNode(): Promise<NodeRegistration> {
    if (this.refusals > 0) {
      this.refusals -= 1;
      throw new StoreUnavailable('refused');
    }
    this.epoch += 1;
    this.isRetired = false;
    this.leaseUntil = this.clock.monotonic() + LEASE_MS;
    await this.hold;
    return { epoch: this.epoch, lanesFreed: 0, leaseMs: this.leaseMs };
  }

  async renewNode(epoch: number): Promise<boolean> {
    this.renewals += 1;
    if (this.isAway) throw new StoreUnavailable('away');
    const isLive = epoch === this.epoch && !this.isRetired;
    if (isLive) this.leaseUntil = this.clock.monotonic() + LEASE_MS;
    await this.hold;
    return isLive;
  }

  async retireDeadNodes(): Promise<number> {
    return this.lanesFreed;
  }
}

async function arrange(given: { leaseMs?: number | null; isStarted?: boolean } = {}) {
  const registry = new Registry();
  if (given.leaseMs !== undefined) registry.leaseMs = given.leaseMs;
  const told = { lost: 0, held: 0, freed: 0 };
  const underWay = { ended: Promise.resolve() };
  const lease = new NodeLease({
    store: registry,
    clock: registry.clock,
    random: { fraction: () => 0.5, bytes: (count) => new Uint8Array(count) },
    deathsMax: 3,
    onLost() {
      told.lost += 1;
      return underWay.ended;
    },
    onHeld: () => (told.held += 1),
    onLanesFreed: () => (told.freed += 1),
    log: NO_LOG,
  });
  onTestFinished(() => lease.stop());
  if (given.isStarted !== false) await lease.start();
  /** Time passes, in steps that what is asked is answered in. */
  const pass = async (ms: number, stepMs = 100): Promise<void> => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      registry.clock.advance(stepMs);
      for (let i = 0; i < 5; i++) await turn();
      // What is promised here, whatever the store does: never later than others may think this node dead.
      if (lease.mayStart(TIMEOUT_MS_MAX) && registry.leaseMs !== null && !registry.isRetired)
        expect(registry.clock.monotonic() + TIMEOUT_MS_MAX).toBeLessThan(registry.leaseUntil);
    }
  };
  return { registry, lease, told, underWay, pass };
}

test('a node that is answered may start attempts at any time, and renews a few times per lease', async () => {
  const { registry, lease, pass } = await arrange();
  for (let i = 0; i < 40; i++) {
    await pass(5_000);
    expect(lease.mayStart(TIMEOUT_MS_MAX)).toBe(true);
  }
  expect(registry.renewals).toBeGreaterThan(20);
  expect(registry.renewals).toBeLessThan(35);
});

test('while the store is away attempts stop by themselves, the longest first, and go on after it', async () => {
  const { registry, lease, told, pass } = await arrange();
  await pass(7_500);
  registry.isAway = true;
  await pass(5_000);
  expect(lease.mayStart(TIMEOUT_MS_MAX)).toBe(true);
  await pass(8_000);
  expect(lease.mayStart(TIMEOUT_MS_MAX)).toBe(false);
  expect(lease.mayStart(10_000)).toBe(true);
  await pass(32_000);
  expect([lease.mayStart(1_000), lease.isHeld]).toEqual([false, false]);
  expect([told.lost, lease.owner]).toEqual([0, 1]);
  registry.isAway = false;
  await pass(1_100);
  expect([lease.mayStart(TIMEOUT_MS_MAX), lease.epoch]).toEqual([true, 1]);
});

test('the lease runs from when a renewal was sent, not from its answer; another is asked for at once', async () => {
  const { registry, lease, pass } = await arrange();
  const answer = Promise.withResolvers<void>();
  registry.hold = answer.promise;
  await pass(7_500);
  const renewals = registry.renewals;
  await pass(12_000);
  expect(registry.renewals, 'one under way at a time').toBe(renewals);
  expect(lease.mayStart(TIMEOUT_MS_MAX)).toBe(false);
  registry.hold = Promise.resolve();
  answer.resolve();
  await pass(100);
  expect(registry.renewals).toBe(renewals + 1);
  expect(lease.mayStart(TIMEOUT_MS_MAX)).toBe(true);
});

test('a process that stood still may start nothing before it is sure again', async () => {
  const { registry, lease, pass } = await arrange();
  await pass(20_000);
  const answer = Promise.withResolvers<void>();
  registry.hold = answer.promise;
  registry.clock.advance(60_000);
  expect([lease.mayStart(1_000), lease.isHeld]).toEqual([false, false]);
  expect(lease.startBy(1_000)).toBeLessThan(registry.clock.monotonic());
  answer.resolve();
  await pass(100);
  expect(lease.mayStart(TIMEOUT_MS_MAX)).toBe(true);
});

test('a node taken for dead gives up, ends what is under way, and only then registers anew', async () => {
  const { registry, lease, told, underWay, pass } = await arrange();
  const landing = Promise.withResolvers<void>();
  underWay.ended = landing.promise;
  registry.isRetired = true;
  await pass(7_600);
  expect(told.lost).toBe(1);
  expect([lease.owner, lease.epoch, lease.mayStart(0), lease.isHeld]).toEqual([null, 1, false, false]);
  await pass(10_000);
  expect([registry.epoch, told.lost]).toEqual([1, 1]);
  landing.resolve();
  await pass(100);
  expect([lease.owner, lease.epoch, lease.mayStart(TIMEOUT_MS_MAX)]).toEqual([2, 2, true]);
  await pass(60_000);
  expect([told.lost, lease.epoch]).toEqual([1, 2]);
});

test('a registration that fails is tried until it succeeds', async () => {
  const { registry, lease, pass } = await arrange();
  registry.isRetired = true;
  registry.refusals = 3;
  await pass(10_000);
  expect([registry.refusals, lease.owner]).toEqual([0, null]);
  await pass(1_100);
  expect([lease.owner, lease.isHeld]).toEqual([2, true]);
});

test('a node that was stopped is not registered again', async () => {
  const { registry, lease, pass } = await arrange();
  lease.stop();
  registry.isRetired = true;
  await pass(60_000);
  expect([registry.renewals, registry.epoch]).toEqual([0, 1]);
});

test('lanes of dead nodes are told of as soon as they are free', async () => {
  const { registry, told, pass } = await arrange();
  await pass(10_000);
  expect(told.freed).toBe(0);
  registry.lanesFreed = 3;
  await pass(4_600);
  expect(told.freed).toBeGreaterThan(0);
});

test('a lease that the longest attempt would outlive refuses the start', async () => {
  const { lease } = await arrange({ leaseMs: TIMEOUT_MS_MAX + 5_000, isStarted: false });
  await expect(lease.start()).rejects.toThrow(/too short/);
});

test('where there can be no other node nothing is renewed and everything is allowed', async () => {
  const { registry, lease, pass } = await arrange({ leaseMs: null });
  await pass(600_000, 10_000);
  expect([registry.renewals, lease.mayStart(TIMEOUT_MS_MAX), lease.isShared]).toEqual([0, true, false]);
  expect(lease.startBy(TIMEOUT_MS_MAX)).toBe(Infinity);
});

test('a node takes about its share, more only of what others leave, and gives away what is too much', () => {
  const share = new LaneShare();
  expect(share.roomBeside(0), 'before anybody has said').toBe(16);
  share.told(undefined);
  expect(share.roomBeside(9_000), 'alone').toBe(Infinity);
  share.told({ even: 100, least: 80 });
  expect(share.roomBeside(100)).toBe(25);
  expect(share.roomBeside(200)).toBe(-75);
  expect(share.excess(125, 0)).toBe(0);
  expect(share.excess(150, 0)).toBe(50);
  expect(share.leftBy(10_000)).toBeLessThan(10_000);
  share.othersLeftSome(0);
  expect(share.excess(150, 59_000), 'others do not keep up').toBe(0);
  expect(share.excess(150, 60_000)).toBe(50);
  share.told({ even: 100, least: 60 });
  expect([share.roomBeside(99), share.roomBeside(100)], 'while another is short').toEqual([1, 0]);
  expect(share.excess(120, 60_000)).toBe(20);
  share.told({ even: 2, least: 0 });
  expect([share.roomBeside(16), share.excess(16, 60_000)]).toEqual([0, 0]);
});
