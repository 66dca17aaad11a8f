import { expect, test } from 'vitest';
import { RateLimits } from '../../src/http/rate-limits.ts';
import { createRequestCounts } from '../../src/store/sqlite/request-counts.ts';
import type { RequestCountStore } from '../../src/store/contract/counts.ts';
import { FakeClock } from '../support/fake-clock.ts';

const LIMITS = { read: 300, write: 100, delete: 50, publish: 0 };
const QUARTER_MS = 15 * 60_000;

/** So many nodes that share a store, and how often it was asked. */
function arrange(nodeCount: number) {
  const clock = new FakeClock();
  const counts = createRequestCounts();
  let asked = 0;
  const store: RequestCountStore = {
    takeRequests(take) {
      asked += 1;
      return counts.takeRequests(take);
    },
  };
  const nodes = Array.from({ length: nodeCount }, () => new RateLimits(LIMITS, store, clock));
  /** Whether the node lets one more request through. */
  const isLet = async (
    node: number,
    rate: 'read' | 'write' | 'delete' = 'read',
    requests = 1,
  ): Promise<boolean> => {
    const reply = { headers: () => undefined } as never;
    return nodes[node]?.count(rate, { key: 'a-token', factor: 1 }, reply, requests).then(
      () => true,
      () => false,
    ) as Promise<boolean>;
  };
  return { nodes, clock, isLet, askedCount: () => asked };
}

test('five nodes together let through what one would, but for a tenth at most', async () => {
  for (const [rate, max] of [
    ['read', 300],
    ['write', 100],
    ['delete', 50],
  ] as const) {
    const { isLet } = arrange(5);
    let let_ = 0;
    // A few at each node, and then all at one: what the others hold is missing there.
    for (let node = 0; node < 5; node++) if (await isLet(node, rate)) let_ += 1;
    for (let i = 0; i < max + 50; i++) if (await isLet(0, rate)) let_ += 1;
    expect(let_).toBeLessThanOrEqual(max);
    expect(let_).toBeGreaterThanOrEqual(max * 0.9);
  }
});

test('all at once they let through no more either', async () => {
  const { isLet } = arrange(3);
  const answers = await Promise.all(Array.from({ length: 900 }, (_, i) => isLet(i % 3)));
  const count = answers.filter(Boolean).length;
  expect(count).toBeLessThanOrEqual(300);
  expect(count).toBeGreaterThanOrEqual(270);
});

test('most requests ask no store, and refused ones none at all', async () => {
  const { isLet, askedCount } = arrange(1);
  for (let i = 0; i < 300; i++) await isLet(0);
  expect(askedCount()).toBeLessThanOrEqual(Math.ceil(300 / 7));
  await isLet(0);
  const before = askedCount();
  for (let i = 0; i < 100; i++) expect(await isLet(0)).toBe(false);
  expect(askedCount()).toBe(before);
});

test('wrong tokens are counted by each node for itself, by address, and never ask the store', async () => {
  const { nodes, askedCount } = arrange(2);
  const isRefused = (node: number, address: string): Promise<boolean> =>
    nodes[node]?.countFailure(address).then(
      () => false,
      () => true,
    ) as Promise<boolean>;
  const answers = [];
  for (let i = 0; i < 400; i++) answers.push(await isRefused(0, '192.0.2.1'));
  expect(answers.indexOf(true)).toBe(300);
  expect([await isRefused(0, '192.0.2.2'), await isRefused(1, '192.0.2.1')]).toEqual([false, false]);
  expect(askedCount()).toBe(0);
});

test('a new window begins with the first request after the last one', async () => {
  const { clock, isLet } = arrange(2);
  for (let i = 0; i < 310; i++) await isLet(i % 2);
  expect(await isLet(0)).toBe(false);
  clock.advance(QUARTER_MS - 1);
  expect(await isLet(0)).toBe(false);
  clock.advance(1);
  const answers = [];
  for (let i = 0; i < 301; i++) answers.push(await isLet(0));
  expect(answers.indexOf(false)).toBe(300);
});

test('what counts as many is let through whole or not at all, and never more than there is', async () => {
  const { isLet } = arrange(2);
  const sizes = [1, 40, 7, 90, 3, 120, 60, 25, 1, 40, 8];
  const answers = await Promise.all(sizes.map((requests, i) => isLet(i % 2, 'read', requests)));
  const sum = (let_: boolean[]) => let_.reduce((total, isIn, i) => total + (isIn ? (sizes[i] ?? 0) : 0), 0);
  expect(sum(answers)).toBeLessThanOrEqual(300);
  // What is over was not counted: smaller ones find what it left.
  const alone = arrange(1);
  expect(await alone.isLet(0, 'write', 90)).toBe(true);
  expect(await alone.isLet(0, 'write', 11)).toBe(false);
  expect(await alone.isLet(0, 'write', 10)).toBe(true);
  expect(await alone.isLet(0, 'write')).toBe(false);
  alone.clock.advance(QUARTER_MS);
  expect(await alone.isLet(0, 'write', 100)).toBe(true);
  expect(await alone.isLet(0, 'write', 101)).toBe(false);
});
