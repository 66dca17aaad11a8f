import type { Replay } from '../domain/replay.ts';
import type { Clock } from '../lib/clock.ts';
import { Routine } from '../lib/routine.ts';
import type { ReplayStep, ReplayStepCommit } from '../store/contract/replays.ts';
import type { Store } from '../store/store.ts';
import type { ReplayPace } from './replay-pace.ts';
import { FIRST_PACE, nextPace } from './replay-pace.ts';
import type { Replayer } from './replayer.ts';
import type { EngineLog } from './telemetry.ts';

/** Jobs that were begun elsewhere, or whose node died, are found this soon. */
const LOOK_INTERVAL_MS = 1_000;
/** Far more than run at once; those that only wait for retries are listed among them. */
const LISTED_MAX = 1_000;

export interface ReplayRunnerDeps {
  store: Pick<Store, 'listOpenReplays' | 'countReplayable' | 'listReplayable' | 'continueReplay'>;
  replayer: Pick<Replayer, 'commit'>;
  newDeliveryId: () => string;
  clock: Clock;
  log: EngineLog;
}

/** A job as this node goes on with it. */
interface Job {
  pace: ReplayPace;
  /** When its last step was seen, whoever made it. */
  steps: number;
  /** The next step is due, by the clock's `monotonic()`. */
  dueAt: number;
}

/**
 * Goes on with jobs, step by step; all that a job is, is in the store. Every node that delivers does: a step is made
 * by whoever comes first, and who finds it made waits for twice as long as the other. So a job whose node died is gone
 * on with at once, and no step is made twice.
 */
export class ReplayRunner {
  readonly #deps: ReplayRunnerDeps;
  readonly #jobs = new Map<string, Job>();
  readonly #routine: Routine;

  constructor(deps: ReplayRunnerDeps) {
    this.#deps = deps;
    this.#routine = new Routine({
      run: () => this.#run(),
      waitMs: () => this.#waitMs(),
      after: (delayMs, run) => deps.clock.after(delayMs, run),
      onError: (error) => deps.log.warn({ err: error }, 'replays could not be listed; trying again'),
    });
  }

  /** Looks now, and from then on by itself: a job was begun or cancelled. */
  want(): void {
    this.#routine.want();
  }

  async stop(): Promise<void> {
    await this.#routine.stop();
  }

  #waitMs(): number {
    const now = this.#deps.clock.monotonic();
    const dueIn = [...this.#jobs.values()].map(({ dueAt }) => dueAt - now);
    return Math.max(0, Math.min(LOOK_INTERVAL_MS, ...dueIn));
  }

  async #run(): Promise<void> {
    const { store, clock, log } = this.#deps;
    const replays = await store.listOpenReplays(LISTED_MAX);
    const ids = new Set(replays.map(({ id }) => id));
    for (const id of this.#jobs.keys()) if (!ids.has(id)) this.#jobs.delete(id);
    for (const replay of replays) {
      if (this.#routine.isStopped) return;
      const job = this.#jobOf(replay);
      if (job.dueAt > clock.monotonic()) continue;
      try {
        await this.#step(replay, job);
      } catch (error) {
        job.dueAt = clock.monotonic() + LOOK_INTERVAL_MS;
        log.warn({ err: error, replayId: replay.id }, 'a replay could not go on; trying again');
      }
    }
  }

  #jobOf({ id, steps }: Replay): Job {
    const now = this.#deps.clock.monotonic();
    let job = this.#jobs.get(id);
    if (job === undefined) {
      job = { pace: FIRST_PACE, steps, dueAt: now };
      this.#jobs.set(id, job);
    } else if (job.steps !== steps) {
      // Another node's step: it goes on, unless it stops.
      Object.assign(job, { steps, dueAt: now + 2 * job.pace.waitMs });
    }
    return job;
  }

  async #step(replay: Replay, job: Job): Promise<void> {
    const { replayer, clock } = this.#deps;
    const step = await this.#plan(replay, job.pace);
    const commit = await this.#commit(step, replayer);
    if (commit !== null) {
      const { waiting, made } = commit;
      job.pace = nextPace(job.pace, { waiting, made: made.length });
      job.steps = commit.replay.steps;
      if (commit.replay.finishedAt !== null) this.#tellEnd(commit.replay);
    }
    job.dueAt = clock.monotonic() + job.pace.waitMs;
  }

  async #plan(replay: Replay, { window }: ReplayPace): Promise<ReplayStep> {
    const { store, newDeliveryId } = this.#deps;
    const { workspaceId, id: replayId, subscriptionId, steps, states } = replay;
    const base = { workspaceId, replayId, subscriptionId, steps, states, waitingMax: window, planned: [] };
    const counted = replay.isCounted
      ? {}
      : { counted: await store.countReplayable(replay, replay.countedTo) };
    if (replay.state !== 'running' || replay.isExhausted) return { ...base, ...counted };
    const { candidates, next } = await store.listReplayable(replay, replay.position, window);
    const planned = candidates.map((candidate) => ({ ...candidate, id: newDeliveryId() }));
    return { ...base, ...counted, planned, position: next };
  }

  async #commit(step: ReplayStep, replayer: Pick<Replayer, 'commit'>): Promise<ReplayStepCommit | null> {
    const { store, clock } = this.#deps;
    let commit: ReplayStepCommit | null = null;
    await replayer.commit([step], async (epoch, takeLanes) => {
      commit = await store.continueReplay(epoch, step, takeLanes, clock.now());
      return commit ?? { lanes: [], made: [], cancelled: [] };
    });
    return commit;
  }

  #tellEnd({ id: replayId, workspaceId, state, made, succeeded, failed, cancelled }: Replay): void {
    this.#deps.log.info(
      { replayId, workspaceId, state, made, succeeded, failed, cancelled },
      'a replay has ended',
    );
  }
}
