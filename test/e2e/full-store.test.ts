import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { ApiAnswer } from '../support/api-client.ts';
import { ApiClient } from '../support/api-client.ts';
import { drained, expectWholeStore } from '../support/audit.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { IS_ON_POSTGRES } from '../support/test-store.ts';
import { addWorkspace } from '../support/workspaces.ts';

const EVENT = 'crm.lead.created';
/** Large enough that one commit does not take all of what is kept back for outcomes. */
const STORE_BYTES_MAX = 8 * 1024 * 1024;
/** Readiness is remembered for a second, and the recorder asks a store that failed twice a second. */
const POLL = { timeout: 10_000, interval: 50 };

let receiver: Receiver;
let app: TestApp;
let storePath: string;

beforeEach(async () => {
  receiver = await startReceiver();
  app = await startTestApp({ ca: receiver.ca, environment: { VELAHOOK_RETRY_SCHEDULE: '1s,1s,1s,1s,1s' } });
  storePath = join(app.environment['VELAHOOK_DATA_DIR'] ?? '', 'velahook.db');
});

afterEach(async () => {
  await app.stop(true);
  expectWholeStore(app.environment['VELAHOOK_DATA_DIR'] ?? '');
  await app.stop();
  await receiver.close();
});

function publish(eventId: string, data: object = {}): Promise<ApiAnswer> {
  return app.api.call('POST', '/events', { eventType: EVENT, eventId, data });
}

async function isReady(): Promise<boolean> {
  const answer = await fetch(`${app.api.access.url}/readyz`);
  await answer.body?.cancel();
  return answer.status === 200;
}

function expectRefused(answer: ApiAnswer): void {
  expect([answer.status, answer.body.error?.code]).toEqual([503, 'UNAVAILABLE']);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

/** Publishes until a 503; answers the ids that were accepted. */
async function fill(data: object): Promise<string[]> {
  const accepted: string[] = [];
  for (let i = 0; i < 20_000; i += 20) {
    const ids = Array.from({ length: 20 }, (_, k) => `f${i + k}`);
    const answers = await Promise.all(ids.map((eventId) => publish(eventId, data)));
    answers.forEach((answer, k) => {
      if (answer.status === 202) accepted.push(ids[k] ?? '');
      else expectRefused(answer);
    });
    if (answers.some(({ status }) => status !== 202)) return accepted;
  }
  throw new Error('The store did not become full.');
}

/** Every accepted event is stored and delivered once, every refused one is not stored. */
async function expectAllDelivered(accepted: readonly string[]): Promise<void> {
  await drained(app.api, 20_000);
  const deliveries = await app.api.deliveries();
  expect(new Set(deliveries.map(({ eventId }) => eventId))).toEqual(new Set(accepted));
  expect(deliveries).toHaveLength(accepted.length);
  expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['succeeded']));
  const received = receiver.requests.map(({ headers }) => String(headers['webhook-id']));
  expect(received.toSorted()).toEqual([...accepted].toSorted());
}

describe.skipIf(IS_ON_POSTGRES)('a full store', () => {
  test('refuses what it cannot keep, goes on delivering what it has, and recovers by itself', async () => {
    const release = Promise.withResolvers<void>();
    receiver.respond(async () => {
      await release.promise;
      return {};
    });
    await app.api.subscribe({ url: receiver.url(), events: [EVENT] });
    await (app.app.store as SqliteStore).setMaxBytes(STORE_BYTES_MAX);
    const accepted = await fill({ padding: 'x'.repeat(8_000) });
    expect(accepted.length).toBeGreaterThan(500);
    await expect.poll(isReady, POLL).toBe(false);
    expect((await fetch(`${app.api.access.url}/healthz`)).status).toBe(200);
    release.resolve();
    await expectAllDelivered(accepted);
    expectRefused(await publish('still-full', { padding: 'x'.repeat(8_000) }));
    expect(statSync(storePath).size).toBeLessThanOrEqual(STORE_BYTES_MAX);

    await (app.app.store as SqliteStore).setMaxBytes(0);
    await expect.poll(isReady, POLL).toBe(true);
    expect((await publish('again')).body.data?.['event']).toMatchObject({ duplicate: false });
    await expectAllDelivered([...accepted, 'again']);
  });

  test('without room even for outcomes: no attempt is forgotten or repeated, all are recorded once there is', async () => {
    const release = Promise.withResolvers<void>();
    receiver.respond(async ({ number }) => {
      if (number === 1) await release.promise;
      return { body: 'y'.repeat(16_000) };
    });
    const { _id } = await app.api.subscribe({ url: receiver.url(), events: [EVENT] });
    const ids = Array.from({ length: 40 }, (_, i) => `o${i}`);
    await publish('first');
    await receiver.waitFor(1);
    // Counts of so many workspaces need room.
    for (let i = 0; i < 50; i++) {
      const api = new ApiClient({ url: app.app.url, ...(await addWorkspace(app.app.store)) });
      await api.publish(EVENT, {});
    }
    // Nothing grows any more from here on.
    await (app.app.store as SqliteStore).setMaxBytes(1);
    release.resolve();
    expectRefused(await publish('refused'));
    await expect.poll(isReady, POLL).toBe(false);
    // What was counted cannot be written down: statistics are shown without it.
    const hooks = '/integrations/webhooks';
    for (const path of ['/stats', `${hooks}?include=health`, `${hooks}/${_id}/stats`])
      expect([path, (await app.api.call('GET', path)).status]).toEqual([path, 200]);
    expect((await app.api.deliveries())[0]).toMatchObject({ state: 'delivering', attemptCount: 0 });
    await (app.app.store as SqliteStore).setMaxBytes(0);
    for (const id of ids) expect((await publish(id)).status).toBe(202);
    await expect.poll(isReady, POLL).toBe(true);
    await expectAllDelivered(['first', ...ids]);
  });
});

describe.skipIf(IS_ON_POSTGRES)('a store that is slow', () => {
  /** As a backup or a shell may: another connection holds the file for writing. */
  function lock(): DatabaseSync {
    const other = new DatabaseSync(storePath);
    other.exec('BEGIN IMMEDIATE');
    return other;
  }

  test('takes no more than it has memory for, and keeps and delivers what it took', async () => {
    await app.api.subscribe({ url: receiver.url(), events: [EVENT] });
    const other = lock();
    const padding = 'x'.repeat(250_000);
    const ids = Array.from({ length: 160 }, (_, i) => `large-${i}`);
    const refused = Promise.withResolvers<void>();
    const publishing = ids.map(async (eventId) => {
      const answer = await publish(eventId, { padding });
      if (answer.status === 503) refused.resolve();
      return answer;
    });
    await refused.promise;
    other.close();
    const answers = await Promise.all(publishing);
    for (const answer of answers) if (answer.status !== 202) expectRefused(answer);
    await expectAllDelivered(ids.filter((_, i) => answers[i]?.status === 202));
  });

  test('for longer than a commit may take: nothing is accepted, and an outcome waits until it can be recorded', async () => {
    const release = Promise.withResolvers<void>();
    receiver.respond(async () => {
      await release.promise;
      return {};
    });
    await app.api.subscribe({ url: receiver.url(), events: [EVENT] });
    await publish('before');
    await receiver.waitFor(1);
    const other = lock();
    release.resolve();
    expectRefused(await publish('during'));
    other.close();
    expect((await publish('during')).body.data?.['event']).toMatchObject({ duplicate: false });
    await expectAllDelivered(['before', 'during']);
  });
});
