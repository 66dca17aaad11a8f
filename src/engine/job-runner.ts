import type { Clock } from '../lib/clock.ts';
import { Routine } from '../lib/routine.ts';
import type { EngineLog } from './telemetry.ts';

/** Jobs that were begun elsewhere, or whose node died, are found this soon. */
const LOOK_INTERVAL_MS = 1_000;
/** One that fails again and again, as when its key is lost, is tried ever more seldom, down to this. */
const FAILED_WAIT_MS_MAX = 30_000;
/** Far more than run at once; replays that only wait for retries are listed among them. */
const LISTED_MAX = 1_000;

/** What a runner knows of a job: `steps` grows with each of its steps, and the store makes each of them once. */
export interface SteppedJob {
  id: string;
  steps: number;
}

/** How a job is paced on this node; another begins anew. */
export interface JobPace {
  /** From one step to the next. */
  waitMs: number;
}

export interface JobRunnerDeps<Job extends SteppedJob, Pace extends JobPace> {
  /** For the log. */
  noun: string;
  listOpen: (limit: number) => Promise<Job[]>;
  /** Makes the job's next step; answers how many it has made now, and the pace from here. Null: it was made elsewhere. */
  step: (job: Job, pace: Pace) => Promise<{ steps: number; pace: Pace } | null>;
  firstPace: Pace;
  clock: Clock;
  log: EngineLog;
}

/** A job as this node goes on with it. */
interface Known<Pace> {
  pace: Pace;
  /** When its last step was seen, whoever made it. */
  steps: number;
  /** How often its next step has failed. */
  failures: number;
  /** The next step is due, by the clock's `monotonic()`. */
  dueAt: number;
}

/**
 * Goes on with jobs, step by step; all that a job is, is in the store. Every node that delivers does: a step is made
 * by whoever comes first, and who finds it made waits for twice as long as the other. So a job whose node died is gone
 * on with at once, and no step is made twice.
 */
export class JobRunner<Job extends SteppedJob, Pace extends JobPace> {
  readonly #deps: JobRunnerDeps<Job, Pace>;
  readonly #known = new Map<string, Known<Pace>>();
  readonly #routine: Routine;

  constructor(deps: JobRunnerDeps<Job, Pace>) {
    this.#deps = deps;
    const { clock, log, noun } = deps;
    this.#routine = new Routine({
      run: () => this.#run(),
      waitMs: () => this.#waitMs(),
      after: (delayMs, run) => clock.after(delayMs, run),
      onError: (error) => log.warn({ err: error }, `${noun}s could not be listed; trying again`),
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
    const dueIn = [...this.#known.values()].map(({ dueAt }) => dueAt - now);
    return Math.max(0, Math.min(LOOK_INTERVAL_MS, ...dueIn));
  }

  async #run(): Promise<void> {
    const { listOpen, clock, log, noun } = this.#deps;
    const jobs = await listOpen(LISTED_MAX);
    const ids = new Set(jobs.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    for (const job of jobs) {
      if (this.#routine.isStopped) return;
      const known = this.#knownOf(job);
      if (known.dueAt > clock.monotonic()) continue;
      try {
        Object.assign(known, await this.#deps.step(job, known.pace));
        known.failures = 0;
        known.dueAt = clock.monotonic() + known.pace.waitMs;
      } catch (error) {
        known.dueAt =
          clock.monotonic() + Math.min(LOOK_INTERVAL_MS * 2 ** known.failures++, FAILED_WAIT_MS_MAX);
        log.warn({ err: error, jobId: job.id }, `${noun} could not go on; trying again`);
      }
    }
  }

  #knownOf({ id, steps }: SteppedJob): Known<Pace> {
    const now = this.#deps.clock.monotonic();
    let known = this.#known.get(id);
    if (known === undefined) {
      known = { pace: this.#deps.firstPace, steps, failures: 0, dueAt: now };
      this.#known.set(id, known);
    } else if (known.steps !== steps) {
      // Another node's step: it goes on, unless it stops.
      Object.assign(known, { steps, dueAt: now + 2 * known.pace.waitMs });
    }
    return known;
  }
}
