import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fuzzApp } from './fuzz-app.ts';
import { seededRandom } from '../support/seed.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

/** A few seconds; `npm run test:scale` goes on for ten minutes. */
const REQUESTS = 600;

let running: RunningApp;
beforeAll(async () => {
  running = await startContractApp();
});
afterAll(() => running.stop());

test(`${REQUESTS} made-up requests get answers as the OpenAPI document says`, async () => {
  const { seed } = seededRandom();
  process.stdout.write(`openapi-fuzz: seed ${seed}\n`);
  const report = await fuzzApp(running, { seed, isEnough: (requests) => requests >= REQUESTS });
  expect(report.violations).toEqual([]);
  expect(Object.keys(report.statuses).length).toBeGreaterThan(10);
});
