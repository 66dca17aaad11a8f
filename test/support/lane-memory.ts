import type { LaneLoad, LaneRelease } from '../../src/store/contract/lanes.ts';
import type { LaneStanding, NewEvent } from '../../src/store/contract/events.ts';
import type { Store } from '../../src/store/store.ts';
import { HEALTH, aRecord, anEvent } from '../conformance/fixtures.ts';

/** More than any lane of a test has. */
const ALL = 10_000;

/**
 * What a node keeps in memory of the lanes it owns, by the same rules as the engine and nothing else: the ids of the
 * deliveries it knows of. A delivery that is in no memory, with its lane owned, is one that nobody will ever send.
 */
export class LaneMemory {
  readonly #store: Store;
  readonly #epoch: number;
  readonly #lanes = new Map<string, Set<string>>();
  readonly #onTheirWayBack = new Set<string>();
  /** Lanes with attempts whose records are under way: not given back before. */
  readonly #busy = new Set<string>();

  constructor(store: Store, epoch: number) {
    this.#store = store;
    this.#epoch = epoch;
  }

  get owned(): string[] {
    return [...this.#lanes.keys()];
  }

  knows(subscriptionId: string, deliveryId: string): boolean {
    return this.#lanes.get(subscriptionId)?.has(deliveryId) ?? false;
  }

  async commit(events: readonly NewEvent[], takeLanes: boolean, now: number): Promise<void> {
    const { lanes } = await this.#store.commitEvents(this.#epoch, events, takeLanes, now);
    const toLoad = lanes
      .filter((standing) => this.#open(standing))
      .map(({ subscriptionId }) => subscriptionId);
    for (const { id, subscriptionId } of events.flatMap(({ deliveries }) => deliveries))
      this.#lanes.get(subscriptionId)?.add(id);
    await Promise.all(toLoad.map((id) => this.#load(id)));
  }

  async take(readyBy: number, limit: number): Promise<void> {
    const { lanes } = await this.#store.takeLanes(this.#epoch, readyBy, limit);
    for (const { subscriptionId } of lanes) this.#lanes.set(subscriptionId, new Set());
    await Promise.all(lanes.map(({ subscriptionId }) => this.#load(subscriptionId)));
  }

  /** Sends all that it knows of in these lanes, with success. */
  async deliver(subscriptionIds: readonly string[], now: number): Promise<void> {
    const idle = subscriptionIds.filter((id) => this.#lanes.has(id) && !this.#busy.has(id));
    const records = idle.flatMap((subscriptionId) =>
      [...(this.#lanes.get(subscriptionId) ?? [])].map((id) => {
        const delivery = { id, subscriptionId, generation: 1, state: 'pending' } as const;
        return aRecord({ ...anEvent(''), deliveries: [delivery] });
      }),
    );
    for (const id of idle) this.#busy.add(id);
    await this.#store.recordAttempts(this.#epoch, records, now);
    for (const id of idle) this.#busy.delete(id);
    for (const { subscriptionId, deliveryId } of records) this.#lanes.get(subscriptionId)?.delete(deliveryId);
  }

  async giveBack(subscriptionIds: readonly string[]): Promise<void> {
    const releases: LaneRelease[] = [];
    for (const subscriptionId of subscriptionIds) {
      if (this.#busy.has(subscriptionId) || !this.#lanes.delete(subscriptionId)) continue;
      this.#onTheirWayBack.add(subscriptionId);
      releases.push({ subscriptionId, health: HEALTH });
    }
    await this.#store.releaseLanes(this.#epoch, releases);
    for (const { subscriptionId } of releases) this.#onTheirWayBack.delete(subscriptionId);
  }

  async wake(): Promise<void> {
    const { lanes, cancelled } = await this.#store.takeWakes(this.#epoch);
    for (const { id, subscriptionId } of cancelled) this.#lanes.get(subscriptionId)?.delete(id);
    await Promise.all(lanes.map((id) => this.#load(id)));
  }

  /** Answers whether its deliveries are to be loaded. */
  #open({ subscriptionId, standing }: LaneStanding): boolean {
    const isUnknown = !this.#lanes.has(subscriptionId) && !this.#onTheirWayBack.has(subscriptionId);
    const isTaken = standing === 'new' || standing === 'taken' || (standing === 'held' && isUnknown);
    if (isTaken) this.#lanes.set(subscriptionId, new Set());
    return isTaken && standing !== 'new';
  }

  async #load(subscriptionId: string): Promise<void> {
    const lane = this.#lanes.get(subscriptionId);
    if (lane === undefined) return;
    const { first, retries }: LaneLoad = await this.#store.loadLane(subscriptionId, ALL, ALL);
    // Of a lane that was given back in the meantime nothing is kept: it is another one when it comes again.
    for (const { id } of [...first, ...retries]) lane.add(id);
  }
}
