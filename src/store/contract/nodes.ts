/**
 * A node owns lanes by its epoch, for as long as its lease lives. Leases are judged by the store's own clock; a
 * node whose lease has ended is *dead* to the others, whether its process lives or not.
 */
export interface NodeStore {
  /**
   * Registers this process as a node and answers its epoch, after {@link retireDeadNodes}. The embedded store has
   * one node at a time, so that all earlier epochs are dead here.
   */
  registerNode(now: number, deathsMax: number): Promise<NodeRegistration>;
  /**
   * Extends the lease from now on by `leaseMs`. False when the epoch was retired: it owns nothing any more, and the
   * process must register anew before it owns anything again.
   */
  renewNode(epoch: number): Promise<boolean>;
  /**
   * Retires every dead node: its lanes become free and *suspect*, and each delivery whose attempt it had announced
   * (`announceAttempt`) has one more death to its name; one with `deathsMax` or more becomes
   * `failed` with `crashed_nodes`. Those with one less are not due before `LAST_CHANCE_AFTER_MS`, and then one after
   * the other, the timeout of each apart. Answers how many lanes were freed.
   */
  retireDeadNodes(now: number, deathsMax: number): Promise<number>;
  /** Frees all lanes of the epoch, not suspect, and retires it: the last call of an orderly shutdown. */
  retireNode(epoch: number, now: number): Promise<void>;
}

export interface NodeRegistration {
  epoch: number;
  /** Lanes freed from epochs that ended without {@link NodeStore.retireNode}. */
  lanesFreed: number;
  /** How long the lease lives from each renewal; null when there can be no other node, and nothing to renew. */
  leaseMs: number | null;
}
