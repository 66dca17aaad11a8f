import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient } from '../../test/support/api-client.ts';
import { BenchPublisher } from './publisher.ts';
import type { BenchReceiver } from './receiver.ts';

/** What the healthy subscriptions are measured beside. */
export interface Disturbance {
  name: string;
  /** Begins it, and answers how to end it. */
  begin(): Promise<() => Promise<void>>;
}

/** Who takes part: the healthy receiver too, where a disturbance is to share its origin. */
export interface Stage {
  api: ApiClient;
  /** A workspace beside that of the healthy subscriptions. */
  crowdApi: ApiClient;
  healthy: BenchReceiver;
  other: BenchReceiver;
}

const BACKLOG = 100_000;
const CROWD = 5_000;
const CROWD_EVENTS = 20;
const THOUSAND = 1_000;
/** Each of a thousand gets an event every twenty seconds, and retries of those before. */
const THOUSAND_PER_SECOND = 50;
/** Calls of the API at once while a disturbance is set up or cleared away. */
const CALLS_AT_ONCE = 32;
/**
 * How late the receivers of a backlog and of a crowd answer, so that they are the limit and not the CPU, which
 * everything here shares: a lane has 50 attempts in flight, a workspace 256, which makes 200 and 256 a second.
 */
const DRAIN_MS = 250;
const LANE_PER_SECOND = (50 * 1_000) / DRAIN_MS;
const BUSY_MS = 1_000;
const WORKSPACE_PER_SECOND = (256 * 1_000) / BUSY_MS;
/** Their controls carry as much over a few lanes that could carry more. */
const CONTROL_MS = 100;
const CONTROL_LANES = 10;
const PROVING_MS = 2_000;
const EVENT = 'disturbing.thing.happened';

export function disturbances(stage: Stage): Disturbance[] {
  const { api, crowdApi, healthy, other } = stage;
  const one = (url: string): (() => Promise<() => Promise<void>>) =>
    besides(api, 1, () => url, { perSecond: 50 });
  const thousand = (url: (i: number) => string): (() => Promise<() => Promise<void>>) =>
    besides(api, THOUSAND, url, {
      perSecond: THOUSAND_PER_SECOND,
      eventOf: (i) => `disturbing.thing${i}.happened`,
    });
  const popular = (url: (i: number) => string): (() => Promise<() => Promise<void>>) =>
    besides(api, THOUSAND, url, { perSecond: 1 });
  return [
    { name: 'one hanging', begin: one(other.url('/hang/one')) },
    { name: 'one hanging, same origin', begin: one(healthy.url('/hang/one')) },
    {
      name: 'one that begins to hang, same origin',
      begin: () => turned(api, healthy),
    },
    { name: 'control: one fast, same origin', begin: one(healthy.url('/one')) },
    { name: '1,000 hanging', begin: thousand((i) => other.url(`/hang/${i}`, i)) },
    { name: '1,000 hanging, same origin', begin: thousand((i) => healthy.url(`/hang/${i}`)) },
    { name: 'control: 1,000 fast', begin: thousand((i) => other.url(`/${i}`, i)) },
    { name: 'every second an event to 1,000 hanging', begin: popular((i) => other.url(`/hang/${i}`, i)) },
    { name: 'control: every second an event to 1,000 fast', begin: popular((i) => other.url(`/${i}`, i)) },
    {
      name: `a lane of ${BACKLOG} pending, drained`,
      begin: () => drainedBacklog(api, other),
    },
    {
      name: 'control: as many deliveries, no backlog',
      begin: besides(api, 1, () => other.url(`/after/${CONTROL_MS}/steady`), { perSecond: LANE_PER_SECOND }),
    },
    { name: `${CROWD} busy lanes in a workspace`, begin: () => crowd(crowdApi, other) },
    {
      name: `control: as many deliveries of ${CONTROL_LANES} lanes`,
      begin: besides(crowdApi, CONTROL_LANES, (i) => other.url(`/after/${CONTROL_MS}/${i}`, i), {
        perSecond: WORKSPACE_PER_SECOND / CONTROL_LANES,
      }),
    },
  ];
}

/**
 * Subscriptions to one event type, or to one each, published at a rate from before the measurement until its end.
 */
function besides(
  api: ApiClient,
  count: number,
  url: (i: number) => string,
  { perSecond, eventOf = () => EVENT }: { perSecond: number; eventOf?: (i: number) => string },
): () => Promise<() => Promise<void>> {
  return async () => {
    const ids = await subscribeMany(api, count, url, eventOf);
    const types = [...new Set(Array.from({ length: count }, (_, i) => eventOf(i)))];
    const publisher = new BenchPublisher(api.access, types, { isTimed: false });
    const stop = new AbortController();
    const publishing = publisher.openLoop(perSecond, Infinity, stop.signal);
    return async () => {
      stop.abort();
      await publishing;
      await publisher.close();
      await unsubscribe(api, ids);
    };
  };
}

/** One that has proved itself before it hangs, and may have as much in flight as any. */
async function turned(api: ApiClient, receiver: BenchReceiver): Promise<() => Promise<void>> {
  const end = await besides(api, 1, () => receiver.url('/turn/one'), { perSecond: 50 })();
  await wait(PROVING_MS);
  await receiver.turn('hang');
  return async () => {
    await end();
    await receiver.turn('answer');
  };
}

async function drainedBacklog(api: ApiClient, receiver: BenchReceiver): Promise<() => Promise<void>> {
  const ids = await subscribeMany(api, 1, () => receiver.url('/after/1000/backlog'));
  const publisher = new BenchPublisher(api.access, [EVENT], { isTimed: false });
  await publisher.count(BACKLOG);
  await publisher.close();
  const url = receiver.url(`/after/${DRAIN_MS}/backlog`);
  for (const id of ids) await api.ok('PATCH', `/integrations/webhooks/${id}`, { url });
  return () => unsubscribe(api, ids);
}

async function crowd(api: ApiClient, receiver: BenchReceiver): Promise<() => Promise<void>> {
  const ids = await subscribeMany(api, CROWD, (i) => receiver.url(`/after/${BUSY_MS}/${i}`, i));
  const publisher = new BenchPublisher(api.access, [EVENT], { isTimed: false });
  await publisher.count(CROWD_EVENTS, 2);
  await publisher.close();
  // Until the fan-outs are over, which are another disturbance: that of the thousand.
  for (let before = -1, now = await pendingOf(api); now > before; now = await pendingOf(api)) {
    before = now;
    await wait(500);
  }
  return () => unsubscribe(api, ids);
}

async function pendingOf({ access }: ApiClient): Promise<number> {
  const metrics = await (await fetch(`${access.url}/metrics`)).text();
  return Number(/^velahook_deliveries_pending (\d+)$/m.exec(metrics)?.[1]);
}

async function subscribeMany(
  api: ApiClient,
  count: number,
  url: (i: number) => string,
  eventOf: (i: number) => string = () => EVENT,
): Promise<string[]> {
  const places = Array.from({ length: count }, (_, i) => i);
  return inTurns(places, async (i) => (await api.subscribe({ url: url(i), events: [eventOf(i)] }))._id);
}

async function unsubscribe(api: ApiClient, ids: readonly string[]): Promise<void> {
  await inTurns(ids, (id) => api.ok('DELETE', `/integrations/webhooks/${id}`));
}

async function inTurns<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const iterator = items.entries();
  await Promise.all(
    Array.from({ length: CALLS_AT_ONCE }, async () => {
      for (const [i, item] of iterator) results[i] = await run(item);
    }),
  );
  return results;
}
