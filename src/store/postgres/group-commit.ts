import { setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import { StoreUnavailable } from '../store.ts';
import type { Database } from './database.ts';
import type { LaneLocks } from './lane-locks.ts';
import { lockLanes } from './lane-locks.ts';
import { asStoreError, isConflict, isConnectionFault, unavailable } from './postgres-errors.ts';
import { Transaction } from './transaction.ts';

/** One call's part of a transaction: the same again must be right when the first time was rolled back. */
export type Work<T> = (transaction: Transaction) => Promise<T>;

/**
 * The connection was lost at COMMIT: the transaction may have been committed or not. Whoever made the call may find
 * out by looking for what it would have stored.
 */
export class CommitUnknown extends StoreUnavailable {
  override readonly name = 'StoreUnavailable';
}

/** What a call needs of its transaction. */
export interface WriteNeeds extends LaneLocks {
  /**
   * It neither reads nor changes what another such call of the same transaction changes: what events are taken in and
   * what attempts are recorded have no row in common. Such calls share their round trips.
   */
  runsBeside?: boolean;
}

interface Waiting {
  run: Work<unknown>;
  needs: WriteNeeds;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Bounds a group, so that the first call of many does not wait for the last one's work. */
const CALLS_PER_GROUP_MAX = 64;
/** Two transactions that stood in each other's way are unlikely to do so again and again. */
const TRIES = 5;
const NO_NEEDS: WriteNeeds = {};

/**
 * All writing of this node: one connection, one transaction after the other, each with all calls that wait when it
 * begins, so that a slow commit is shared by many. The connection is made when it is needed and anew when it broke.
 *
 * A call that fails would take the whole transaction with it; so the group is rolled back and each of its calls is
 * made alone. A crash before the commit: nothing of the group happened; after it: everything did, and nobody was told.
 */
export class GroupCommit {
  readonly #database: Database;
  /** Called when a commit's outcome could not be learnt: what is held in memory may be behind the store. */
  readonly #onUnknown: () => void;
  readonly #waiting: Waiting[] = [];
  #client: pg.Client | undefined;
  #running: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(database: Database, onUnknown: () => void) {
    this.#database = database;
    this.#onUnknown = onUnknown;
  }

  /**
   * Resolves once committed. Rejects with `StoreUnavailable` ({@link CommitUnknown} if it may be stored all the same).
   *
   * The lanes' locks of all calls of a group are taken at its beginning, in order: a transaction that took the shared
   * locks of an intake and later the exclusive ones of a release would stand in the way of another node's that does
   * the same, until PostgreSQL finds the deadlock after a second.
   */
  write<T>(run: Work<T>, needs: WriteNeeds = NO_NEEDS): Promise<T> {
    if (this.#isClosed) return Promise.reject(new StoreUnavailable('The store is closed.'));
    const written = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run, needs, resolve: resolve as (value: unknown) => void, reject });
      this.#running ??= this.#runAll();
    });
    this.#last = written.catch(() => undefined);
    return written;
  }

  /** Resolves when every write called so far has ended, one way or the other: for a read that must see them. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
    await this.#client?.end().catch(() => undefined);
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Whatever else is called in this turn of the event loop shares the transaction: intake and record each have one
      // call under way, are answered together, and call again in the same turn.
      await nextTurn();
      await this.#runGroup(this.#waiting.splice(0, CALLS_PER_GROUP_MAX));
    }
    this.#running = undefined;
  }

  async #runGroup(group: readonly Waiting[]): Promise<void> {
    let answers: unknown[];
    try {
      answers = await this.#transact(group);
    } catch (error) {
      if (group.length > 1 && !(error instanceof StoreUnavailable)) {
        for (const each of group) await this.#runGroup([each]);
      } else {
        for (const { reject } of group) reject(asStoreError(error));
      }
      return;
    }
    group.forEach(({ resolve }, i) => resolve(answers[i]));
  }

  async #transact(group: readonly Waiting[]): Promise<unknown[]> {
    for (let tried = 1; ; tried++) {
      const client = (this.#client ??= await this.#database.connect());
      const transaction = new Transaction(client);
      let isCommitting = false;
      try {
        lockLanes(
          transaction,
          group.map(({ needs }) => needs),
        );
        const answers = await runInOrder(group, transaction);
        isCommitting = true;
        await transaction.commit();
        return answers;
      } catch (error) {
        transaction.giveUp(error);
        if (isConnectionFault(error)) {
          this.#client = undefined;
          client.end().catch(() => undefined);
          if (!isCommitting) throw unavailable(error);
          this.#onUnknown();
          throw new CommitUnknown('The database went away while it was committing.', { cause: error });
        }
        await client.query('ROLLBACK').catch(() => {
          this.#client = undefined;
          client.end().catch(() => undefined);
        });
        if (!isConflict(error) || tried >= TRIES) throw error;
      }
    }
  }
}

/** One call after the other, but for those next to one another that may run beside each other. */
async function runInOrder(group: readonly Waiting[], transaction: Transaction): Promise<unknown[]> {
  const answers: unknown[] = [];
  while (answers.length < group.length) {
    const rest = group.slice(answers.length);
    const others = rest.findIndex(({ needs }) => needs.runsBeside !== true);
    const some = rest.slice(0, others === -1 ? rest.length : Math.max(others, 1));
    // All have ended when one has failed: none goes on beside the rollback.
    const settled = await Promise.allSettled(some.map(({ run }) => run(transaction)));
    for (const each of settled) {
      if (each.status === 'rejected') throw each.reason;
      answers.push(each.value);
    }
  }
  return answers;
}
