import { newDeliveryId } from '../domain/ids.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { Store } from '../store/store.ts';
import type { Activity } from './activity/activity.ts';
import type { ErasureRunnerDeps } from './erasure-runner.ts';
import { createErasureRunner } from './erasure-runner.ts';
import type { ReplayerDeps } from './replayer.ts';
import { Replayer } from './replayer.ts';
import { createReplayRunner } from './replay-runner.ts';
import type { EngineLog } from './telemetry.ts';

export interface JobsDeps
  extends
    Pick<ReplayerDeps, 'membership' | 'onWork' | 'metrics'>,
    Pick<ErasureRunnerDeps, 'openValue' | 'onErased'> {
  store: Store;
  clock: Clock;
  random: Random;
  activity: Activity;
  log: EngineLog;
  /** Whether this node goes on with jobs; one that only takes events in does not. */
  delivers: boolean;
}

/** What somebody asked to be done with what is stored: replays, one by one or as jobs, and erasures. */
export class Jobs {
  readonly replayer: Replayer;
  readonly #delivers: boolean;
  readonly #replays: ReturnType<typeof createReplayRunner>;
  readonly #erasures: ReturnType<typeof createErasureRunner>;

  constructor(deps: JobsDeps) {
    const { clock, random } = deps;
    const now = (): number => clock.now();
    const making = { ...deps, now, newDeliveryId: () => newDeliveryId(now(), random) };
    this.replayer = new Replayer(making);
    this.#delivers = deps.delivers;
    this.#replays = createReplayRunner({ ...making, replayer: this.replayer });
    const withdraw: ErasureRunnerDeps['withdraw'] = (...cancelled) => this.replayer.withdraw(...cancelled);
    this.#erasures = createErasureRunner({ ...deps, withdraw });
  }

  /** Looks for jobs now, and from then on by itself: at the start, and when one was begun or cancelled. */
  want(): void {
    if (!this.#delivers) return;
    this.#replays.want();
    this.#erasures.want();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#replays.stop(), this.#erasures.stop()]);
  }
}
