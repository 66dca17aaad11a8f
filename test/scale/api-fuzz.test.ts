import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApp } from '../contract/running-app.ts';
import { startContractApp } from '../contract/running-app.ts';
import { fuzzApp } from '../contract/fuzz-app.ts';
import { seededRandom } from '../support/seed.ts';

const MINUTES = 10;
/**
 * Made-up event types are hardly ever right as a whole, made-up requests about tokens seldom name a workspace that is
 * there, and nobody makes up a token or a portal's code; other tests show that these calls succeed.
 */
const HARDLY_EVER_DONE: ReadonlySet<string> = new Set([
  'importEventTypes',
  'createEventType',
  'changeEventType',
  'deleteEventType',
  'createToken',
  'getToken',
  'revokeToken',
  'startSession',
  'exchangePortalCode',
]);

let running: RunningApp;
beforeAll(async () => {
  running = await startContractApp();
});
afterAll(() => running.stop());

test(`${MINUTES} minutes of made-up requests get answers as the OpenAPI document says`, async () => {
  const { seed } = seededRandom();
  process.stdout.write(`api-fuzz: seed ${seed}\n`);
  const until = performance.now() + MINUTES * 60_000;
  const report = await fuzzApp(running, { seed, isEnough: () => performance.now() >= until });
  process.stdout.write(`api-fuzz: ${report.requests} requests: ${JSON.stringify(report.statuses)}\n`);
  expect(report.violations).toEqual([]);
  // Nothing was proved about a route that never said yes.
  const neverDone = Object.entries(report.statuses).filter(
    ([id, counts]) =>
      !HARDLY_EVER_DONE.has(id) && !Object.keys(counts).some((status) => Number(status) < 300),
  );
  expect(neverDone).toEqual([]);
});
