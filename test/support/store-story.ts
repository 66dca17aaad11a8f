import { randomBytes } from 'node:crypto';
import { auditIdOf } from '../../src/domain/audit.ts';
import type { Erasure } from '../../src/domain/erasure.ts';
import { withoutData } from '../../src/domain/event.ts';
import { newDeliveryId, newId } from '../../src/domain/ids.ts';
import type { Replay } from '../../src/domain/replay.ts';
import { ERASURE_VALUE, sealContext } from '../../src/domain/sealed-parts.ts';
import { count, countPublished, noCounts } from '../../src/domain/statistics.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import { Keyring } from '../../src/lib/keyring.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import type { Store } from '../../src/store/store.ts';
import {
  aNotice,
  anEvent,
  anId,
  aRecord,
  DEATHS_MAX,
  deliveryIdOf,
  failed,
  makeSubscription,
  retryAt,
} from '../conformance/fixtures.ts';
import { WORKSPACE_ID } from './server-process.ts';
import { ENCRYPTION_KEY } from './test-store.ts';

const DAY_MS = 86_400_000;
export const OTHER_WORKSPACE_ID = 'e0e0e0e0e0e0e0e0e0e0e0e0';
/** What all of them subscribe to. */
export const STORY_EVENT = 'crm.lead.created';

/** What the first attempt looked like. */
const SEEN = {
  responseHeaders: 'content-type: text/plain\n+3',
  request: '1764000000 010 https://hooks.example.com/good Authorization',
  timing: '1 2 3 14',
  remoteAddress: '203.0.113.9',
};

/** A store with something of everything in it, and what is where. */
export interface StoreStory {
  /** Succeeded at `/good`, failed at `/failing`; published with the key `a-key`. */
  finished: NewEvent;
  /** Waits for `/good`. */
  waiting: NewEvent;
  /** Was attempted at `/late` and is due; a node died of it once. */
  retried: NewEvent;
  /** Waits for `/foreign`, in another workspace. */
  foreign: NewEvent;
  /** Was made for a subscription that is deleted, but not cancelled yet. */
  stale: NewEvent;
  /** Was for an inactive subscription. */
  skipped: NewEvent;
  /** Waits for `/good`; `/failing` and `/late` are still to be matched. */
  cut: NewEvent;
  /** Was attempted at `/good`, and erased before it could be again. */
  erased: NewEvent;
  subscriptions: Subscription[];
  tokenHash: Uint8Array;
}

/** Writes the story into an empty store, as if its server had been killed now. `urlOf`: of a receiver's path. */
export async function writeStory(store: Store, urlOf: (path: string) => string): Promise<StoreStory> {
  const now = Date.now();
  const longAgo = now - 5 * DAY_MS;
  const tokenHash = await makeAccounts(store, now);
  const { epoch } = await store.registerNode(now, DEATHS_MAX);
  // Ids grow: fan-outs go by them.
  const keyring = new Keyring([Buffer.from(ENCRYPTION_KEY, 'hex')], systemRandom);
  let madeAt = now - 9 * DAY_MS;
  const subscribe = (path: string, given: Partial<Subscription> = {}): Promise<Subscription> => {
    const id = newId((madeAt += 1_000), systemRandom);
    const sealedSecret = keyring.seal('whsec_c2VjcmV0LW9mLXNpeHRlZW4=', id);
    const made = { id, url: urlOf(path), events: [STORY_EVENT], sealedSecret, createdAt: madeAt, ...given };
    return makeSubscription(store, given.workspaceId ?? WORKSPACE_ID, made);
  };
  const good = await subscribe('/good');
  const failing = await subscribe('/failing', { description: 'fails' });
  const late = await subscribe('/late');
  const off = await subscribe('/off', { status: 'inactive', missingSince: longAgo });
  const gone = await subscribe('/gone');
  const elsewhere = await subscribe('/foreign', { workspaceId: OTHER_WORKSPACE_ID });

  const commit = async (event: NewEvent, at: number): Promise<NewEvent> => {
    await store.commitEvents(epoch, [event], true, at);
    return event;
  };
  const publish = (to: readonly Subscription[], at: number, given: Partial<NewEvent> = {}) =>
    commit(anEvent(to[0]?.workspaceId ?? '', to, { eventType: STORY_EVENT, ...given }), at);
  const record = (event: NewEvent, at: number, given: Parameters<typeof aRecord>[1], index = 0) =>
    store.recordAttempts(epoch, [aRecord(event, { startedAt: at, ...given }, index)], at + 20);

  const finished = await publish([good, failing], longAgo, { idempotencyKey: 'a-key', orderingKey: 'a' });
  await record(finished, longAgo, {
    attempt: { responseBody: new Uint8Array(Buffer.from('OK, thanks')), ...SEEN },
  });
  await record(finished, longAgo, retryAt(longAgo + DAY_MS), 1);
  await record(finished, longAgo + DAY_MS, { number: 2, ...failed() }, 1);
  await store.noticeFailing(WORKSPACE_ID, failing.id, aNotice('webhook.subscription.failing'), now);
  const waiting = await publish([good], now - 1_000);
  const retried = await publish([late], now - 1_000);
  await record(retried, now - 900, retryAt(now));
  const foreign = await publish([elsewhere], now - 1_000);
  const stale = await publish([gone], now - 1_000);
  await store.deleteSubscription(WORKSPACE_ID, gone.id, now, {
    id: auditIdOf(anId()),
    workspaceId: WORKSPACE_ID,
    createdAt: now,
    caller: {
      actor: {
        kind: 'token',
        tokenId: anId(),
        tokenPrefix: 'sk_live_12345678',
        tokenName: 'Ops',
        via: 'portal',
      },
      address: '203.0.113.7',
      requestId: 'a-request',
    },
    action: 'subscription.deleted',
    targetId: gone.id,
    fields: [],
  });
  const matched = anEvent(WORKSPACE_ID, [off], { eventType: STORY_EVENT });
  const deliveries = matched.deliveries.map((delivery) => ({ ...delivery, state: 'skipped' as const }));
  const skipped = await commit({ ...matched, deliveries }, now - 1_000);
  await replayIn(store, epoch, finished, failing, now);
  const erased = await publish([good], now - 700);
  await record(erased, now - 600, { ...retryAt(now + DAY_MS), attempt: { responseBody: new Uint8Array(9) } });
  await eraseIn(store, keyring, erased, now);
  const cut = await publish([good], now - 500, { deliveryCount: 3, fanoutCursor: good.id });
  await countIn(store, late, now);
  await store.announceAttempt(epoch, deliveryIdOf(retried));
  await store.registerNode(now, DEATHS_MAX);
  const subscriptions = [good, failing, late, off, gone, elsewhere];
  return { finished, waiting, retried, foreign, stale, skipped, cut, erased, subscriptions, tokenHash };
}

/** What a subscription's attempts came to, and its workspace's. */
async function countIn(store: Store, { id, workspaceId }: Subscription, startAt: number): Promise<void> {
  const counts = noCounts();
  count(counts, { outcome: 'timeout', durationMs: 7, state: 'pending' });
  const ofWorkspace = [...counts];
  countPublished(ofWorkspace);
  await store.addStatistics([
    { of: 'subscription', id, startAt, counts },
    { of: 'workspace', id: workspaceId, startAt, counts: ofWorkspace },
  ]);
}

/** A replay of what failed that has made its delivery, and another that was cancelled before it made any. */
async function replayIn(
  store: Store,
  epoch: number,
  event: NewEvent,
  { workspaceId, id: subscriptionId }: Subscription,
  now: number,
): Promise<void> {
  const until = now - 10_000;
  const span = { workspaceId, subscriptionId, since: now - 9 * DAY_MS, until, eventTypes: [STORY_EVENT] };
  const none = { count: 0, made: 0, succeeded: 0, failed: 0, cancelled: 0, erased: 0, steps: 0 };
  const begun = { position: null, isExhausted: false, countedTo: null, isCounted: false, finishedAt: null };
  const replay = (i: number): Replay => ({
    ...span,
    ...none,
    ...begun,
    id: `rpl_${anId()}`,
    states: ['failed'],
    state: 'running',
    reason: null,
    createdAt: now - i,
    updatedAt: now - i,
  });
  const [cancelled, running] = [replay(2), replay(1)];
  await store.createReplay(cancelled, 10);
  await store.cancelReplay(workspaceId, cancelled.id, now);
  await store.createReplay(running, 10);
  const { candidates, next } = await store.listReplayable(running, null, 10);
  const planned = candidates.map((each) => ({ ...each, id: newDeliveryId(now, systemRandom) }));
  const base = { workspaceId, replayId: running.id, subscriptionId, steps: 0, states: running.states };
  const counted = { count: planned.length, next: null };
  const step = { ...base, waitingMax: 10, planned, position: next, counted };
  const commit = await store.continueReplay(epoch, step, true, now);
  if (commit?.made[0]?.eventId !== event.eventId) throw new Error('What failed was not replayed.');
}

/** An erasure that has erased the event, and another that has not looked at anything yet. */
async function eraseIn(
  store: Store,
  keyring: Keyring,
  { workspaceId, eventId, eventType, body, dataBytes }: NewEvent,
  now: number,
): Promise<void> {
  const begin = async (): Promise<Erasure> => {
    const id = `ers_${anId()}`;
    const sealedValue = keyring.seal('"nobody"', sealContext(id, ERASURE_VALUE));
    const made = await store.createErasure({ id, workspaceId, path: '$.n', sealedValue, createdAt: now }, 10);
    if (made === 'too_many') throw new Error('There are no others.');
    return made;
  };
  const { id: erasureId, ...job } = await begin();
  const { events } = await store.listErasable(job);
  const found = events
    .filter((event) => event.eventId === eventId)
    .map(({ at }) => ({ eventId, eventType, at, examined: 1, erasedBody: withoutData(body, dataBytes) }));
  const step = { workspaceId, erasureId, steps: 0, found, examined: events.length, position: null };
  const commit = await store.continueErasure(step, now);
  if (commit?.erased.length !== 1) throw new Error('The event was not erased.');
  await begin();
}

async function makeAccounts(store: Store, now: number): Promise<Uint8Array> {
  for (const id of [WORKSPACE_ID, OTHER_WORKSPACE_ID])
    await store.ensureWorkspace({ id, name: `Of ${id}`, createdAt: now });
  const look = { title: 'Acme \u0000', logoUrl: null, primaryColor: '#1f6feb' };
  const portal = { frameAncestors: ['https://app.example.com'], ...look };
  await store.changeSettings(WORKSPACE_ID, { retentionDays: 9, redactionPaths: ['$.a'], portal });
  await store.ensureAdminToken(new Uint8Array(randomBytes(32)), now);
  const hash = new Uint8Array(randomBytes(32));
  await store.ensureToken({
    id: anId(),
    workspaceId: OTHER_WORKSPACE_ID,
    name: 'A token',
    prefix: 'sk_test_12345678',
    hash,
    scopes: ['events:read'],
    createdAt: now,
    expiresAt: now + DAY_MS,
    revokedAt: null,
  });
  return hash;
}

/** All that can be asked of a store about it. */
export async function readStory(
  store: Store,
  { subscriptions, tokenHash, ...events }: StoreStory,
): Promise<unknown> {
  const told: unknown[] = [
    await store.countWorkspaces(),
    await store.findTokenByHash(tokenHash),
    await store.findAdminToken(),
  ];
  for (const workspaceId of [WORKSPACE_ID, OTHER_WORKSPACE_ID]) {
    const deliveries = await store.listDeliveries(workspaceId, { limit: 100 });
    told.push(
      await store.listAudit(workspaceId, { limit: 100 }),
      await store.findSettings(workspaceId),
      await store.loadSubscriptions(workspaceId),
      (await store.listEvents(workspaceId, { limit: 100 })).items,
      deliveries.items,
    );
    for (const { id } of deliveries.items) told.push(await store.listAttempts(workspaceId, id));
  }
  for (const { workspaceId, eventId } of Object.values(events))
    told.push(await store.findEvent(workspaceId, eventId));
  for (const { id, workspaceId } of subscriptions)
    told.push(await store.loadLane(id, 10, 10), await store.sumStatistics(workspaceId, id, 'short', 0));
  for (const span of ['short', 'long'] as const) told.push(await store.listStatistics(WORKSPACE_ID, span, 0));
  const later = Date.now() + DAY_MS;
  const due = { noticeSince: later, deactivateSince: later, failedDeliveries: 1 };
  told.push(
    await store.loadBodies(Object.values(events)),
    await store.listUnfinishedFanouts(10),
    await store.listNotices(10),
    await store.listFailing(due, 10),
    await store.measureBacklog(later),
    (await store.listReplays(WORKSPACE_ID, { limit: 10 })).items,
    await store.listOpenReplays(10),
    (await store.listErasures(WORKSPACE_ID, { limit: 10 })).items,
    await store.listOpenErasures(10),
  );
  return told;
}
