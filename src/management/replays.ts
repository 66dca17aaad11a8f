import type { Caller } from '../domain/audit.ts';
import type { DeliveryState } from '../domain/delivery.ts';
import type { Mistake } from '../domain/errors.ts';
import { invalid, Refusal } from '../domain/errors.ts';
import { isEventType } from '../domain/event-type.ts';
import { ID_FORM, newId } from '../domain/ids.ts';
import type { Replay, ReplaySelection } from '../domain/replay.ts';
import { missedBy, REPLAY_ID_PREFIX, REPLAYS_RUNNING_MAX } from '../domain/replay.ts';
import { parseTimestamp } from '../domain/timestamp.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { CursorPage, CursorQuery } from '../store/contract/history.ts';
import type { ReplayStore } from '../store/contract/replays.ts';
import type { SubscriptionStore } from '../store/contract/subscriptions.ts';
import { auditEntry } from './audit-log.ts';
import { findSubscription } from './find-subscription.ts';
import { withCursor } from './history.ts';
import { isoOf, isoOrNull } from './subscription-view.ts';

export interface ReplaysDeps {
  store: ReplayStore & Pick<SubscriptionStore, 'findSubscription'>;
  engine: Pick<Engine, 'jobsChanged'>;
  clock: Clock;
  random: Random;
}

/** What a customer asks to be replayed, of one subscription. */
export interface ReplayDraft {
  since?: string;
  until?: string;
  eventTypes?: readonly string[];
  states?: readonly DeliveryState[];
}

/** A job as the API shows it. */
export interface ReplayView {
  _id: string;
  workspaceId: string;
  subscriptionId: string;
  state: Replay['state'];
  reason: Replay['reason'];
  since: string;
  until: string;
  eventTypes: readonly string[] | null;
  states: DeliveryState[];
  count: number;
  counted: boolean;
  progress: {
    made: number;
    pending: number;
    succeeded: number;
    failed: number;
    cancelled: number;
    erased: number;
  };
  createdAt: string;
  updatedAt: string;
  finishedAt: string | null;
}

/** Jobs that replay what a subscription has missed. Everything throws a `Refusal` where the API is to answer one. */
export class Replays {
  readonly #deps: ReplaysDeps;

  constructor(deps: ReplaysDeps) {
    this.#deps = deps;
  }

  /** `found`: what the schema has found wrong with the draft. The first part of what is selected is counted at once. */
  async start(
    by: Caller,
    workspaceId: string,
    subscriptionId: string,
    draft: ReplayDraft,
    found: readonly Mistake[],
  ): Promise<ReplayView> {
    const { store, engine, clock, random } = this.#deps;
    const subscription = await findSubscription(store, workspaceId, subscriptionId);
    const now = Math.round(clock.now());
    const { since, until } = spanOf(draft, found, now);
    if (subscription.status !== 'active')
      throw new Refusal('CONFLICT', 'The subscription is not active. PATCH it with {"active":true} first.');
    const selection: ReplaySelection = {
      ...missedBy(subscription, since, until),
      ...(draft.eventTypes && { eventTypes: [...new Set(draft.eventTypes)] }),
      ...(draft.states && { states: [...new Set(draft.states)] }),
    };
    const { count, next } = await store.countReplayable(selection, null);
    const progress = { count, made: 0, succeeded: 0, failed: 0, cancelled: 0, erased: 0 };
    const making = {
      position: null,
      isExhausted: false,
      countedTo: next,
      isCounted: next === null,
      steps: 0,
    };
    const times = { createdAt: now, updatedAt: now, finishedAt: null };
    const id = REPLAY_ID_PREFIX + newId(now, random);
    const replay: Replay = {
      id,
      ...selection,
      state: 'running',
      reason: null,
      ...progress,
      ...making,
      ...times,
    };
    const change = { action: 'replay.started', workspaceId, targetId: id, fields: draft } as const;
    const audit = auditEntry(this.#deps, by, change);
    const outcome = await store.createReplay(replay, REPLAYS_RUNNING_MAX, audit);
    if (outcome === 'running')
      throw new Refusal(
        'CONFLICT',
        'A replay of this subscription is running. Wait for its end, or cancel it.',
      );
    if (outcome === 'too_many')
      throw new Refusal(
        'CONFLICT',
        `${REPLAYS_RUNNING_MAX} replays are running in this workspace, the most there may be. Wait for one to end.`,
      );
    engine.jobsChanged();
    return viewReplay(replay);
  }

  async list(workspaceId: string, query: CursorQuery): Promise<CursorPage<ReplayView>> {
    const page = await withCursor(this.#deps.store.listReplays(workspaceId, query));
    return { items: page.items.map(viewReplay), nextCursor: page.nextCursor };
  }

  async get(workspaceId: string, id: string): Promise<ReplayView> {
    const replay = isReplayId(id) ? await this.#deps.store.findReplay(workspaceId, id) : undefined;
    if (replay === undefined) throw noSuchReplay();
    return viewReplay(replay);
  }

  /** It makes no more; what it made and is pending is cancelled soon. 409 when it has ended. */
  async cancel(by: Caller, workspaceId: string, id: string): Promise<ReplayView> {
    const { store, engine, clock } = this.#deps;
    const audit = auditEntry(this.#deps, by, { action: 'replay.cancelled', workspaceId, targetId: id });
    const replay = isReplayId(id) ? await store.cancelReplay(workspaceId, id, clock.now(), audit) : undefined;
    if (replay === undefined) throw noSuchReplay();
    if (replay.state === 'done')
      throw new Refusal('CONFLICT', 'The replay is done; there is nothing to cancel.');
    engine.jobsChanged();
    return viewReplay(replay);
  }
}

function spanOf(
  draft: ReplayDraft,
  found: readonly Mistake[],
  now: number,
): { since: number; until: number } {
  const mistakes = [...found];
  const since = typeof draft.since === 'string' ? parseTimestamp(draft.since) : undefined;
  const until = typeof draft.until === 'string' ? parseTimestamp(draft.until) : undefined;
  if (since !== undefined && until !== undefined && since >= until)
    mistakes.push({ path: 'until', message: 'must be later than since' });
  if (since !== undefined && until === undefined && since >= now)
    mistakes.push({ path: 'since', message: 'must not be in the future' });
  for (const [i, type] of (Array.isArray(draft.eventTypes) ? draft.eventTypes : []).entries())
    if (typeof type === 'string' && !isEventType(type))
      mistakes.push({ path: `eventTypes[${i}]`, message: 'must be an event type, not a pattern' });
  if (mistakes.length > 0 || since === undefined) throw invalid(mistakes);
  // What is made from now on has its own deliveries.
  return { since, until: Math.min(until ?? now, now) };
}

function isReplayId(id: string): boolean {
  return id.startsWith(REPLAY_ID_PREFIX) && ID_FORM.test(id.slice(REPLAY_ID_PREFIX.length));
}

function noSuchReplay(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such replay in this workspace.');
}

function viewReplay(replay: Replay): ReplayView {
  const { made, succeeded, failed, cancelled, erased } = replay;
  const pending = made - succeeded - failed - cancelled;
  return {
    _id: replay.id,
    workspaceId: replay.workspaceId,
    subscriptionId: replay.subscriptionId,
    state: replay.state,
    reason: replay.reason,
    since: isoOf(replay.since),
    until: isoOf(replay.until),
    eventTypes: replay.eventTypes,
    states: [...replay.states],
    count: replay.count,
    counted: replay.isCounted,
    progress: { made, pending, succeeded, failed, cancelled, erased },
    createdAt: isoOf(replay.createdAt),
    updatedAt: isoOf(replay.updatedAt),
    finishedAt: isoOrNull(replay.finishedAt),
  };
}
