import { Fifo } from '../../lib/fifo.ts';
import type { Lane } from './lane.ts';

/** Which ring each lane waits in: one at most. Shared by all rings; deleting a lane takes it out of its ring. */
export type WaitingPlaces = Map<Lane, FairRing>;

/** One workspace's lanes that have something to do, served in turn. */
interface WorkspaceTurn {
  workspaceId: string;
  lanes: Fifo<Lane>;
  /** In the ring; otherwise it has no lane to serve, or no slot left. */
  inRing: boolean;
}

/**
 * Who is next among lanes that wait for the same: workspaces in turn, within a workspace its lanes in turn, one
 * attempt each. That is deficit round robin with attempts of equal cost: a workspace with 5,000 busy lanes gets
 * the same turns as one with a single lane. All operations are O(1).
 */
export class FairRing {
  readonly #workspaces = new Map<string, WorkspaceTurn>();
  readonly #ring = new Fifo<WorkspaceTurn>();
  readonly #places: WaitingPlaces;

  constructor(places: WaitingPlaces) {
    this.#places = places;
  }

  /** Whether nobody waits, nor has left a place behind. */
  get isEmpty(): boolean {
    return this.#workspaces.size === 0;
  }

  /** Adds a lane at the end of its workspace's turn, taking it out of whichever ring it waits in. */
  add(lane: Lane): void {
    if (this.#places.get(lane) === this) return;
    this.#places.set(lane, this);
    let turn = this.#workspaces.get(lane.workspaceId);
    if (!turn) {
      turn = { workspaceId: lane.workspaceId, lanes: new Fifo(), inRing: false };
      this.#workspaces.set(lane.workspaceId, turn);
    }
    turn.lanes.push(lane);
    this.#enter(turn);
  }

  /**
   * The next lane, taken out of the ring; undefined when there is none to serve. `workspaceHasRoom` says whether
   * a workspace may have another slot; one that may not leaves the ring until {@link workspaceFreed}.
   */
  next(workspaceHasRoom: (workspaceId: string) => boolean = () => true): Lane | undefined {
    for (let turn = this.#ring.shift(); turn; turn = this.#ring.shift()) {
      turn.inRing = false;
      if (!workspaceHasRoom(turn.workspaceId)) continue;
      const lane = this.#shiftLane(turn);
      if (turn.lanes.size > 0) this.#enter(turn);
      else this.#workspaces.delete(turn.workspaceId);
      if (lane) return lane;
    }
    return undefined;
  }

  /** A slot of this workspace is free again. */
  workspaceFreed(workspaceId: string): void {
    const turn = this.#workspaces.get(workspaceId);
    if (turn) this.#enter(turn);
  }

  #enter(turn: WorkspaceTurn): void {
    if (turn.inRing) return;
    turn.inRing = true;
    this.#ring.push(turn);
  }

  /** Lanes that were closed or wait elsewhere by now are passed over. */
  #shiftLane(turn: WorkspaceTurn): Lane | undefined {
    for (let lane = turn.lanes.shift(); lane; lane = turn.lanes.shift()) {
      if (this.#places.get(lane) !== this) continue;
      this.#places.delete(lane);
      return lane;
    }
    return undefined;
  }
}
