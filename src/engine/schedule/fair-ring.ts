import type { LaneCondition } from '../../domain/lane.ts';
import { Fifo } from '../../lib/fifo.ts';
import type { Lane } from './lane.ts';

/** One workspace's lanes that have something to do, served in turn. */
interface WorkspaceTurn {
  workspaceId: string;
  lanes: Fifo<Lane>;
  /** In the ring; otherwise it has no lane to serve, or no slot left. */
  inRing: boolean;
}

/**
 * Who is next among lanes of one condition: workspaces in turn, within a workspace its lanes in turn, one
 * attempt each. That is deficit round robin with attempts of equal cost: a workspace with 5,000 busy lanes gets
 * the same turns as one with a single lane. All operations are O(1).
 */
export class FairRing {
  readonly #condition: LaneCondition;
  readonly #workspaces = new Map<string, WorkspaceTurn>();
  readonly #ring = new Fifo<WorkspaceTurn>();
  /** Which ring a lane waits in. Shared by the rings: a lane waits in one at most. */
  readonly #waiting: Map<Lane, LaneCondition>;

  constructor(condition: LaneCondition, waiting: Map<Lane, LaneCondition>) {
    this.#condition = condition;
    this.#waiting = waiting;
  }

  /** Adds a lane at the end of its workspace's turn, unless it waits here already. */
  add(lane: Lane): void {
    if (this.#waiting.get(lane) === this.#condition) return;
    this.#waiting.set(lane, this.#condition);
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
  next(workspaceHasRoom: (workspaceId: string) => boolean): Lane | undefined {
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

  /** Lanes that were closed or changed their condition since they were added are passed over. */
  #shiftLane(turn: WorkspaceTurn): Lane | undefined {
    for (let lane = turn.lanes.shift(); lane; lane = turn.lanes.shift()) {
      if (this.#waiting.get(lane) !== this.#condition) continue;
      this.#waiting.delete(lane);
      return lane;
    }
    return undefined;
  }
}
