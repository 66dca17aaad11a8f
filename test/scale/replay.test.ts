import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testCa } from '../support/certificates.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { ServerFolder, ServerProcess } from '../support/server-process.ts';
import { createServerFolder, startServerProcess, stopServerProcess } from '../support/server-process.ts';

const MISSED = Number(process.env['VELAHOOK_TEST_REPLAYED'] ?? 100_000);
const BATCH = 1_000;
const SINCE = { since: '2020-01-01T00:00:00.000Z' };
const LONG = { timeout: 800_000, interval: 500 };
/** Live events beside the replay: so many to each of the two subscriptions, one after the other. */
const LIVE = 50;

interface Replay {
  _id: string;
  state: string;
  count: number;
  counted: boolean;
  progress: Record<'made' | 'pending' | 'succeeded' | 'failed' | 'cancelled', number>;
  finishedAt: string | null;
}

let receiver: Receiver;
let folder: ServerFolder;
let server: ServerProcess;
let status: number;
/** Requests by what they are. */
let replayed: Map<string, number>;
const arrivals = new Map<string, () => void>();

beforeEach(async () => {
  receiver = await startReceiver({ forgets: true });
  status = 500;
  replayed = new Map();
  receiver.respond(({ headers }) => {
    const id = String(headers['webhook-id']);
    arrivals.get(id)?.();
    if (id.startsWith('live')) return {};
    if (status === 200) replayed.set(id, (replayed.get(id) ?? 0) + 1);
    return { status };
  });
  // The second attempt is a day away: what failed once waits to be replayed.
  folder = createServerFolder(await testCa(), { VELAHOOK_RETRY_SCHEDULE: '23h' });
  server = await startServerProcess(folder.environment);
});

afterEach(async () => {
  await stopServerProcess(server);
  await receiver.close();
  folder.remove();
});

async function show(id: string): Promise<Replay> {
  return (await server.api.ok<{ replay: Replay }>('GET', `/replays/${id}`)).replay;
}

/** Makes `count` events that a subscription has missed: it was inactive. */
async function miss(path: string, type: string, count: number): Promise<string> {
  const { _id } = await server.api.subscribe({ url: receiver.url(path), events: [type], active: false });
  for (let i = 0; i < count; i += BATCH) {
    const events = Array.from({ length: Math.min(BATCH, count - i) }, (_, k) => ({
      eventType: type,
      eventId: `${type.replaceAll('.', '-')}-${i + k}`,
      data: { n: i + k },
    }));
    const { accepted } = await server.api.ok<{ accepted: number }>('POST', '/events/batch', { events });
    expect(accepted).toBe(events.length);
  }
  await server.api.ok('PATCH', `/integrations/webhooks/${_id}`, { active: true });
  return _id;
}

async function begin(subscriptionId: string): Promise<Replay> {
  const path = `/integrations/webhooks/${subscriptionId}/replay`;
  return (await server.api.ok<{ replay: Replay }>('POST', path, SINCE)).replay;
}

/** Milliseconds from publishing to arrival, of events published one after the other. */
async function live(type: string, prefix: string): Promise<number[]> {
  const latencies: number[] = [];
  for (let i = 0; i < LIVE; i++) {
    const eventId = `${prefix}-${i}`;
    const arrived = new Promise<void>((resolve) => arrivals.set(eventId, resolve));
    const at = performance.now();
    await server.api.publish(type, {}, { eventId });
    await arrived;
    latencies.push(performance.now() - at);
    await wait(20);
  }
  return latencies.toSorted((a, b) => a - b);
}

function told(latencies: number[]): string {
  const at = (part: number) => Math.round(latencies[Math.floor(latencies.length * part)] ?? 0);
  return `p50 ${at(0.5)} p95 ${at(0.95)} max ${at(0.999)} ms`;
}

test(`a replay of ${MISSED} tells its progress, delivers each once, and leaves live deliveries their share`, async () => {
  const subscriptionId = await miss('/missed', 'scale.thing.missed', MISSED);
  await server.api.subscribe({ url: receiver.url('/other'), events: ['scale.other.happened'] });
  status = 200;
  const before = await live('scale.other.happened', 'live-before');
  const begunAt = performance.now();
  const { _id } = await begin(subscriptionId);
  await expect.poll(async () => (await show(_id)).progress.made, LONG).toBeGreaterThan(200);
  const [other, same] = [
    await live('scale.other.happened', 'live-other'),
    await live('scale.thing.missed', 'live-same'),
  ];
  const during = await show(_id);
  process.stdout.write(
    `replay: live before ${told(before)}; to others ${told(other)}; to the same ${told(same)}\n`,
  );
  process.stdout.write(`replay: then ${JSON.stringify(during.progress)} of ${during.count}\n`);
  // It was running all the while: else nothing was shown.
  if (MISSED >= 100_000) expect(during).toMatchObject({ state: 'running' });
  let seenMax = 0;
  let pendingMax = 0;
  await expect
    .poll(async () => {
      const { state, progress } = await show(_id);
      expect(progress.made).toBeGreaterThanOrEqual(seenMax);
      seenMax = progress.made;
      pendingMax = Math.max(pendingMax, progress.pending);
      return state;
    }, LONG)
    .toBe('done');
  const seconds = (performance.now() - begunAt) / 1_000;
  process.stdout.write(
    `replay: ${MISSED} in ${seconds.toFixed(0)} s (${Math.round(MISSED / seconds)}/s), ${pendingMax} pending at most\n`,
  );
  const { count, counted, progress } = await show(_id);
  expect({ count, counted, progress }).toEqual({
    count: MISSED,
    counted: true,
    progress: {
      made: MISSED,
      pending: 0,
      succeeded: MISSED,
      failed: 0,
      cancelled: 0,
      erased: 0,
    },
  });
  expect(replayed.size).toBe(MISSED);
  expect([...replayed.values()].every((times) => times === 1)).toBe(true);
  // Made a window at a time, whatever there is to be made; what has ended is counted by the next step.
  expect(pendingMax).toBeLessThanOrEqual(500);
});

test('a large replay is cancelled within seconds, and the store knows what it made', async () => {
  const subscriptionId = await miss('/stopped', 'scale.thing.stopped', Math.min(MISSED, 20_000));
  status = 200;
  const { _id } = await begin(subscriptionId);
  await expect.poll(async () => (await show(_id)).progress.made, LONG).toBeGreaterThan(200);
  await server.api.ok('POST', `/replays/${_id}/cancel`);
  const { made } = (await show(_id)).progress;
  await expect.poll(async () => (await show(_id)).finishedAt, LONG).not.toBeNull();
  const { progress } = await show(_id);
  expect(progress).toMatchObject({ made, pending: 0 });
  expect(progress.succeeded + progress.cancelled).toBe(made);
  expect(replayed.size).toBeLessThanOrEqual(made);
});
