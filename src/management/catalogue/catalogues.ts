import { LRUCache } from 'lru-cache';
import { CATALOGUED_NAMES } from '../../domain/catalogue.ts';
import type { EventTypeJudge } from '../../domain/event-type.ts';
import { createEventTypeJudge } from '../../domain/event-type.ts';
import type { Clock } from '../../lib/clock.ts';
import { Routine } from '../../lib/routine.ts';
import type { CatalogueStore } from '../../store/contract/catalogue.ts';
import { WorkspaceCatalogue } from './workspace-catalogue.ts';

/** The largest catalogue weighs a fifth of it; nearly all weigh nothing. */
const HELD_BYTES_MAX = 128 * 1024 * 1024;
/** With the time of the question itself, a change made on another node is known here within a second. */
const LOOK_INTERVAL_MS = 750;
/** Workspaces in one question. */
const WORKSPACES_PER_CALL = 1_000;

export interface CataloguesDeps {
  store: CatalogueStore;
  unknownTypes: 'warn' | 'reject';
  clock: Clock;
  log: { warn(about: object, message: string): void };
}

/** The catalogues of the workspaces that are being published to, in memory: publishing reads nothing for them. */
export class Catalogues {
  readonly #deps: CataloguesDeps;
  readonly #builtInJudge: EventTypeJudge;
  readonly #held = new LRUCache<string, WorkspaceCatalogue>({
    maxSize: HELD_BYTES_MAX,
    sizeCalculation: (catalogue) => catalogue.weight,
  });
  readonly #loading = new Map<string, Promise<WorkspaceCatalogue>>();
  readonly #looks: Routine;

  constructor(deps: CataloguesDeps) {
    this.#deps = deps;
    this.#builtInJudge = createEventTypeJudge(CATALOGUED_NAMES, deps.unknownTypes);
    this.#looks = new Routine({
      run: () => this.#look(),
      waitMs: () => LOOK_INTERVAL_MS,
      after: (delayMs, run) => deps.clock.after(delayMs, run),
      onError: (error) =>
        deps.log.warn({ err: error }, 'changes of the catalogue could not be looked for; trying again'),
    });
  }

  /** Looks for changes made on other nodes from now on; needless where there are none. */
  watch(): void {
    this.#looks.want();
  }

  async stop(): Promise<void> {
    await this.#looks.stop();
  }

  /** At once when it is in memory. Rejects as the store does. */
  of(workspaceId: string): WorkspaceCatalogue | Promise<WorkspaceCatalogue> {
    return this.#held.get(workspaceId) ?? this.#loading.get(workspaceId) ?? this.#load(workspaceId);
  }

  /** As the store has it, whatever is in memory: what a change is made from. */
  async read(workspaceId: string): Promise<WorkspaceCatalogue> {
    this.forget(workspaceId);
    return this.of(workspaceId);
  }

  /** The workspace's catalogue changed: whoever asks from now on gets it as it is. */
  forget(workspaceId: string): void {
    this.#held.delete(workspaceId);
    this.#loading.delete(workspaceId);
  }

  async #load(workspaceId: string): Promise<WorkspaceCatalogue> {
    const { store, unknownTypes } = this.#deps;
    const loading = store
      .loadCatalogue(workspaceId)
      .then((set) => new WorkspaceCatalogue(set, this.#builtInJudge, unknownTypes));
    this.#loading.set(workspaceId, loading);
    try {
      const catalogue = await loading;
      // A change that was committed meanwhile has forgotten this load: it may have read what was before.
      if (this.#loading.get(workspaceId) === loading) this.#held.set(workspaceId, catalogue);
      return catalogue;
    } finally {
      if (this.#loading.get(workspaceId) === loading) this.#loading.delete(workspaceId);
    }
  }

  async #look(): Promise<void> {
    const workspaceIds = [...this.#held.keys()];
    for (let i = 0; i < workspaceIds.length; i += WORKSPACES_PER_CALL) {
      const asked = workspaceIds.slice(i, i + WORKSPACES_PER_CALL);
      const versions = await this.#deps.store.listCatalogueVersions(asked);
      const versionOf = new Map(versions.map(({ workspaceId, version }) => [workspaceId, version]));
      for (const workspaceId of asked) {
        const held = this.#held.peek(workspaceId);
        if (held !== undefined && held.version !== (versionOf.get(workspaceId) ?? 0))
          this.forget(workspaceId);
      }
    }
  }
}
