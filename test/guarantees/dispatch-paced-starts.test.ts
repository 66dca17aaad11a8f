import { afterEach, expect, test } from 'vitest';
import { type Attempts, startAttempts } from '../support/attempts.ts';
import type { RawReceiver } from '../support/raw-receiver.ts';
import { startRawReceiver } from '../support/raw-receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';

const HANGING = 100;
/** One each 5 ms; a timer may fire a little early by the clock that is read here. */
const INTERVAL_MS_MIN = 4;

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A receiver that answers, one that accepts connections and says nothing, and a dispatcher in this thread. */
async function start(): Promise<{ healthy: Receiver; hanging: RawReceiver; attempts: Attempts }> {
  const healthy = await startReceiver();
  cleanups.push(healthy.close);
  const hanging = await startRawReceiver(() => undefined, { transport: 'tcp' });
  cleanups.push(hanging.close);
  const attempts = await startAttempts({ allowNetworks: ['127.0.0.0/8'] });
  cleanups.push(attempts.close);
  return { healthy, hanging, attempts };
}

test('receivers not known to answer are connected to one after the other, and one that is goes before them', async () => {
  const { healthy, hanging, attempts } = await start();
  const startedAt = performance.now();
  const results = Array.from({ length: HANGING }, () =>
    attempts.make({ url: hanging.url(), isProven: false, timeoutMs: 1_000 }),
  );
  await attempts.make({ url: healthy.url() });
  const elapsedMs = performance.now() - startedAt;
  expect(hanging.connections).toBeLessThanOrEqual(1 + elapsedMs / INTERVAL_MS_MIN);
  expect(hanging.connections).toBeLessThan(HANGING);
  const ends = await Promise.all(results);
  const starts = ends.map((end) => end.startedAt);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  // What it waited is not its receiver's time: each has its whole timeout from its own start.
  expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual((HANGING - 1) * INTERVAL_MS_MIN);
  for (const end of ends) expect(end.outcome).toBe('timeout');
  expect(hanging.connections).toBe(HANGING);
});

test('an attempt that finds a connection does not wait for those that need one', async () => {
  const { healthy, hanging, attempts } = await start();
  await attempts.make({ url: healthy.url(), isProven: false });
  for (let i = 0; i < HANGING; i++)
    void attempts.result({ url: hanging.url(), isProven: false, timeoutMs: 5_000 });
  await attempts.make({ url: healthy.url(), isProven: false });
  expect(hanging.connections).toBeLessThan(HANGING / 2);
});

test('those that wait take the connections that others give back, without waiting for a turn', async () => {
  const { healthy, attempts } = await start();
  const ends = await Promise.all(
    Array.from({ length: HANGING }, () =>
      attempts.make({ url: healthy.url(), isProven: false, timeoutMs: 10_000 }),
    ),
  );
  const starts = ends.map((end) => end.startedAt).sort((a, b) => a - b);
  const together = starts.filter((at, i) => at - (starts[i - 1] ?? 0) < INTERVAL_MS_MIN);
  expect(together.length).toBeGreaterThan(HANGING / 2);
});
