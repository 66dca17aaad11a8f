import type { DeactivationRule } from '../domain/deactivation.ts';
import { newEventId } from '../domain/ids.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { Store } from '../store/store.ts';
import { BacklogWatch } from './backlog-watch.ts';
import { HistoryKeeper } from './history-keeper.ts';
import { StatisticsKeeper } from './statistics-keeper.ts';
import type { EngineLog, EngineMetrics } from './telemetry.ts';
import type { UpkeepDeps } from './upkeep.ts';
import { Upkeep } from './upkeep.ts';

export interface BackgroundDeps extends Pick<
  UpkeepDeps,
  'finishFanouts' | 'deliveriesInFlight' | 'publish' | 'onDeactivated' | 'activity'
> {
  store: Store;
  clock: Clock;
  random: Random;
  deactivationRule: DeactivationRule;
  retentionDays: number;
  /** 0: nobody is told. */
  backlogAlertMs: number;
  log: EngineLog;
  metrics: EngineMetrics;
}

/** What goes on beside the five stages: upkeep, retention, statistics, and looking out for deliveries that are late. */
export class Background {
  readonly statistics: StatisticsKeeper;
  readonly #upkeep: Upkeep;
  readonly #history: HistoryKeeper;
  readonly #backlog: BacklogWatch;

  constructor(deps: BackgroundDeps) {
    const { clock, random } = deps;
    const timing = {
      now: () => clock.now(),
      after: (delayMs: number, run: () => void) => clock.after(delayMs, run),
      newEventId: () => newEventId(clock.now(), random),
    };
    this.#upkeep = new Upkeep({ ...deps, ...timing, rule: deps.deactivationRule });
    this.#backlog = new BacklogWatch({
      ...deps,
      ...timing,
      limitMs: deps.backlogAlertMs,
      onNotice: () => this.#upkeep.want(),
    });
    this.statistics = new StatisticsKeeper({ ...deps, ...timing });
    this.#history = new HistoryKeeper({ ...deps, ...timing });
  }

  start(): void {
    this.#upkeep.want();
    this.#history.start();
    this.#backlog.start();
    this.statistics.start();
  }

  /** Something changed that upkeep may have work from. */
  wantUpkeep(): void {
    this.#upkeep.want();
  }

  async stop(): Promise<void> {
    const parts = [this.#upkeep, this.#history, this.#backlog, this.statistics];
    await Promise.all(parts.map((part) => part.stop()));
  }
}
