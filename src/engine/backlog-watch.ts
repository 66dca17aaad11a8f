import type { Random } from '../lib/random.ts';
import { Routine } from '../lib/routine.ts';
import type { Store } from '../store/store.ts';
import type { EngineLog } from './telemetry.ts';

/** The limit is passed by a fifth of itself at most before it is noticed, and by no more than this. */
const INTERVAL_MS_MAX = 60_000;
const CHECKS_PER_LIMIT = 5;
/** It is over once nothing is later than half the limit: else it would come and go with each delivery. */
const RECOVERED_SHARE = 0.5;
const WORKSPACES_PER_CALL = 100;

export interface BacklogWatchDeps {
  store: Pick<Store, 'listDelayed' | 'listRecovered' | 'noticeDelayed' | 'noticeRecovered'>;
  /** How late the oldest due delivery may be; 0: nobody is told. */
  limitMs: number;
  now: () => number;
  random: Random;
  after: (delayMs: number, run: () => void) => () => void;
  newEventId: () => string;
  /** A notice was left, to be published. */
  onNotice: () => void;
  log: EngineLog;
}

/**
 * Tells a workspace, by an event, that its deliveries are late, and when they are not any more. Every node looks; the store lets
 * one of them tell.
 */
export class BacklogWatch {
  readonly #deps: BacklogWatchDeps;
  readonly #looks: Routine;

  constructor(deps: BacklogWatchDeps) {
    this.#deps = deps;
    const { limitMs, random, after, log } = deps;
    const intervalMs = Math.min(INTERVAL_MS_MAX, limitMs / CHECKS_PER_LIMIT);
    this.#looks = new Routine({
      run: () => this.#look(),
      // Apart from other nodes: one is enough.
      waitMs: () => intervalMs * (0.5 + random.fraction() / 2),
      after,
      onError: (error) => log.warn({ err: error }, 'late deliveries could not be looked for; trying again'),
    });
  }

  start(): void {
    if (this.#deps.limitMs > 0) this.#looks.want();
  }

  async stop(): Promise<void> {
    await this.#looks.stop();
  }

  async #look(): Promise<void> {
    const { store, limitMs, now, log } = this.#deps;
    const at = now();
    for (const delayed of await store.listDelayed(at - limitMs, WORKSPACES_PER_CALL)) {
      const { workspaceId, oldestDueAt, subscriptions } = delayed;
      const data = { oldestDueAt: new Date(oldestDueAt).toISOString(), subscriptions };
      const notice = this.#noticeOf('webhook.backlog.delayed', data);
      if (!(await store.noticeDelayed(workspaceId, notice, at))) continue;
      log.warn({ workspaceId, ...data }, 'deliveries of a workspace are late');
      this.#deps.onNotice();
    }
    for (const workspaceId of await store.listRecovered(
      at - limitMs * RECOVERED_SHARE,
      WORKSPACES_PER_CALL,
    )) {
      const notice = this.#noticeOf('webhook.backlog.recovered', { recoveredAt: new Date(at).toISOString() });
      if (!(await store.noticeRecovered(workspaceId, notice, at))) continue;
      log.info({ workspaceId }, 'deliveries of a workspace are late no more');
      this.#deps.onNotice();
    }
  }

  #noticeOf(eventType: string, data: object) {
    return { eventId: this.#deps.newEventId(), eventType, data: JSON.stringify(data) };
  }
}
