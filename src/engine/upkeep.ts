import type { DeactivationRule } from '../domain/deactivation.ts';
import { judgeFailing, noticeAfterMs } from '../domain/deactivation.ts';
import type { DeactivationReason, Subscription } from '../domain/subscription.ts';
import type { Random } from '../lib/random.ts';
import { Routine } from '../lib/routine.ts';
import type { FailingSubscription, NewNotice, Notice } from '../store/contract/subscriptions.ts';
import type { Store } from '../store/store.ts';
import type { Activity } from './activity/activity.ts';
import type { EngineLog, EngineMetrics } from './telemetry.ts';

/** Deliveries cancelled in one commit, so that a backlog of a million does not hold up anybody's commit. */
const CANCEL_CHUNK = 500;
const NOTICE_CHUNK = 100;
const FAILING_CHUNK = 200;
const ROTATED_CHUNK = 500;
/** Time moves by itself: what is only a matter of time is looked at this often, on average. */
const INTERVAL_MS = 30_000;
const SOON_MS = 1_000;

export interface UpkeepDeps {
  store: Pick<
    Store,
    | 'cancelStale'
    | 'forgetRotated'
    | 'listFailing'
    | 'deactivateSubscription'
    | 'noticeFailing'
    | 'listNotices'
    | 'removeNotices'
  >;
  /** Finishes what large fan-outs a crash or a fault has cut short. */
  finishFanouts: () => Promise<void>;
  rule: DeactivationRule;
  now: () => number;
  random: Random;
  after: (delayMs: number, run: () => void) => () => void;
  newEventId: () => string;
  /** Deliveries with an attempt in flight: their own record ends them. */
  deliveriesInFlight: () => readonly string[];
  /** Publishes a notice as an event; publishing it again must make no second one. */
  publish: (notice: Notice) => Promise<void>;
  onDeactivated: (workspaceId: string, subscriptionId: string) => void;
  activity: Pick<Activity, 'deliveriesCancelled'>;
  log: EngineLog;
  metrics: EngineMetrics;
}

/**
 * What has to be done some time after a change: finishing fan-outs, cancelling what a subscription's end left pending, publishing
 * notices as events, switching off subscriptions that only fail,
 * removing secrets that sign no more. Each step is found in the store again after a
 * crash, so none is lost. Where several nodes do the same at once, the store lets one of them: a
 * subscription is deactivated once, a notice is one event under its own id, what is cancelled is cancelled.
 */
export class Upkeep {
  readonly #deps: UpkeepDeps;
  readonly #routine: Routine;
  /** A step failed, or found so much that there may be more: what another node was busy with is passed over. */
  #isSoon = false;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
    this.#routine = new Routine({
      run: () => this.#run(),
      // Apart from other nodes: each step may be done by several at once, but need not.
      waitMs: () => (this.#isSoon ? SOON_MS : INTERVAL_MS * (0.5 + deps.random.fraction())),
      after: deps.after,
      onError: () => undefined,
    });
  }

  /** Runs now, or once more when it is running. */
  want(): void {
    this.#routine.want();
  }

  async stop(): Promise<void> {
    await this.#routine.stop();
  }

  async #run(): Promise<void> {
    this.#isSoon = false;
    await this.#attempt('fan-outs', () => this.#deps.finishFanouts());
    await this.#attempt('failing subscriptions', () => this.#judgeFailing());
    await this.#attempt('cancelling', () => this.#cancelStale());
    await this.#attempt('notices', () => this.#publishNotices());
    await this.#attempt('rotations', () => this.#forgetRotated());
  }

  /** What fails here is found again by the next run; it must not keep the rest from being done. */
  async #attempt(what: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#isSoon = true;
      this.#deps.log.warn({ err: error, what }, 'upkeep could not finish; it runs again');
    }
  }

  async #cancelStale(): Promise<void> {
    for (;;) {
      if (this.#routine.isStopped) return;
      const inFlight = this.#deps.deliveriesInFlight();
      const cancelled = await this.#deps.store.cancelStale(CANCEL_CHUNK, inFlight, this.#deps.now());
      const { length } = cancelled;
      if (length > 0) {
        this.#isSoon = true;
        this.#deps.metrics.deliveryEnded('cancelled', length);
        this.#deps.activity.deliveriesCancelled(cancelled);
      }
      if (length < CANCEL_CHUNK) return;
    }
  }

  async #forgetRotated(): Promise<void> {
    const count = await this.#deps.store.forgetRotated(this.#deps.now(), ROTATED_CHUNK);
    if (count === ROTATED_CHUNK) this.#isSoon = true;
  }

  async #publishNotices(): Promise<void> {
    for (;;) {
      const notices = await this.#deps.store.listNotices(NOTICE_CHUNK);
      let published = 0;
      for (const notice of notices) {
        if (this.#routine.isStopped) return;
        await this.#attempt('a notice', async () => {
          await this.#deps.publish(notice);
          await this.#deps.store.removeNotices([notice.eventId]);
          published += 1;
        });
      }
      if (notices.length < NOTICE_CHUNK || published === 0) return;
    }
  }

  async #judgeFailing(): Promise<void> {
    const { store, rule } = this.#deps;
    const now = this.#deps.now();
    const due = {
      noticeSince: now - noticeAfterMs(rule),
      deactivateSince: now - rule.failingMs,
      failedDeliveries: rule.failedDeliveries,
    };
    for (const failing of await store.listFailing(due, FAILING_CHUNK)) {
      const { subscription } = failing;
      const { workspaceId, id } = subscription;
      const verdict = judgeFailing(failing, rule, now);
      if (verdict === 'notice') {
        await store.noticeFailing(workspaceId, id, this.#noticeOf(failing, null), now);
      } else if (verdict === 'deactivate') {
        const notice = this.#noticeOf(failing, 'failing');
        const deactivated = await store.deactivateSubscription(workspaceId, id, 'failing', notice, now);
        if (!deactivated) continue;
        this.#deps.log.info({ workspaceId, subscriptionId: id }, 'subscription deactivated: it only fails');
        this.#deps.onDeactivated(workspaceId, id);
      }
    }
  }

  #noticeOf(failing: FailingSubscription, reason: DeactivationReason | null): NewNotice {
    return noticeAbout(failing.subscription, this.#deps.newEventId(), reason, {
      failingSince: new Date(failing.failingSince).toISOString(),
      failedDeliveries: failing.failedDeliveries,
    });
  }
}

/** The event about a subscription: deactivated with a reason, or failing when there is none yet. */
export function noticeAbout(
  subscription: Pick<Subscription, 'id' | 'url' | 'description'>,
  eventId: string,
  reason: DeactivationReason | null,
  more: object = {},
): NewNotice {
  const about = {
    subscriptionId: subscription.id,
    url: subscription.url,
    description: subscription.description,
  };
  return {
    eventId,
    eventType: reason ? 'webhook.subscription.deactivated' : 'webhook.subscription.failing',
    data: JSON.stringify(reason ? { ...about, reason, ...more } : { ...about, ...more }),
  };
}
