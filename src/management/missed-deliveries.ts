import { Refusal } from '../domain/errors.ts';
import { missedBy, REPLAYED_STATES_DEFAULT } from '../domain/replay.ts';
import { DAY_MS } from '../domain/retention.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { Clock } from '../lib/clock.ts';
import type { ReplayStore } from '../store/contract/replays.ts';
import type { SubscriptionStore } from '../store/contract/subscriptions.ts';
import { findSubscription } from './find-subscription.ts';
import { isoOf } from './subscription-view.ts';

/** Counted so far: whoever missed more replays them all the same, and its job tells how many they were. */
export const MISSED_COUNTED_MAX = 10_000;
/**
 * The store looks at so many parts of the history, 20,000 deliveries each: up to 400 ms on PostgreSQL, where nearly nothing
 * in them was missed.
 */
const PARTS_MAX = 3;
/**
 * Before it began to fail, or was switched off: what was being retried then was published so long before. What had waited
 * for its first attempt for longer, behind a rate limit, is for whoever names an earlier time; and so is what failed
 * before the last success: nobody would expect that to be sent again weeks later without being told.
 */
const SINCE_DEFAULT_MS = DAY_MS;

/** A state in which a delivery was missed. */
export type MissedState = (typeof REPLAYED_STATES_DEFAULT)[number];

export interface MissedView {
  since: string;
  count: number;
  /** Not all has been counted: there may be more. */
  isMore: boolean;
  /** They add up to `count`. */
  states: Record<MissedState, number>;
}

export interface MissedDeliveriesDeps {
  store: Pick<ReplayStore, 'countReplayable'> & Pick<SubscriptionStore, 'findSubscription'>;
  clock: Clock;
}

/** What a replay of a subscription would take if it began now. */
export class MissedDeliveries {
  readonly #deps: MissedDeliveriesDeps;

  constructor(deps: MissedDeliveriesDeps) {
    this.#deps = deps;
  }

  /**
   * `since`: in milliseconds since the Unix epoch; unless it is given, a day ago, or, where it is not active, a day before
   * nothing reached it any more: the days for which it failed before it was deactivated are part of what it missed.
   */
  async count(workspaceId: string, id: string, since: number | undefined): Promise<MissedView> {
    const { store, clock } = this.#deps;
    const subscription = await findSubscription(store, workspaceId, id);
    const now = Math.round(clock.now());
    const from = since ?? missingSinceOf(subscription, now) - SINCE_DEFAULT_MS;
    // As the replay says it.
    if (since !== undefined && since >= now)
      throw new Refusal('BAD_REQUEST', 'since must not be in the future.');
    const selection = missedBy(subscription, from, now);
    const states: Record<MissedState, number> = { pending: 0, failed: 0, cancelled: 0, skipped: 0 };
    let count = 0;
    let after: Parameters<ReplayStore['countReplayable']>[1] = null;
    for (let parts = 0; parts < PARTS_MAX && count < MISSED_COUNTED_MAX; parts++) {
      const found = await store.countReplayable(selection, after, MISSED_COUNTED_MAX - count);
      for (const state of REPLAYED_STATES_DEFAULT) states[state] += found.states[state] ?? 0;
      count += found.count;
      after = found.next;
      if (after === null) break;
    }
    return { since: isoOf(from), count, isMore: after !== null, states };
  }
}

/** Where an older node switched it off, only the time of a deactivation is known. */
function missingSinceOf({ status, missingSince, deactivatedAt }: Subscription, now: number): number {
  return status === 'active' ? now : (missingSince ?? deactivatedAt ?? now);
}
