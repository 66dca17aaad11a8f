import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApp } from '../contract/running-app.ts';
import { startContractApp } from '../contract/running-app.ts';
import { fuzzApi } from '../support/api-fuzz.ts';
import { seededRandom } from '../support/seed.ts';

const MINUTES = 10;

let running: RunningApp;
beforeAll(async () => {
  running = await startContractApp();
});
afterAll(() => running.stop());

test(`${MINUTES} minutes of made-up requests get answers as the OpenAPI document says`, async () => {
  const { seed } = seededRandom();
  process.stdout.write(`api-fuzz: seed ${seed}\n`);
  const { url, token, workspaceId } = running.api.access;
  const { _id } = await running.api.subscribe({ url: 'https://hooks.example.com/velahook', events: ['*'] });
  await running.api.publish('crm.lead.created', {});
  const until = performance.now() + MINUTES * 60_000;
  const report = await fuzzApi({
    url,
    credentials: {
      token: { authorization: `Bearer ${token}` },
      workspace: { 'x-workspace-id': workspaceId },
    },
    seed,
    isEnough: () => performance.now() >= until,
    keptIds: [workspaceId, _id],
  });
  process.stdout.write(`api-fuzz: ${report.requests} requests: ${JSON.stringify(report.statuses)}\n`);
  expect(report.violations).toEqual([]);
  // Nothing was proved about a route that never said yes.
  const neverDone = Object.entries(report.statuses).filter(
    ([, counts]) => !Object.keys(counts).some((status) => Number(status) < 300),
  );
  expect(neverDone).toEqual([]);
});
