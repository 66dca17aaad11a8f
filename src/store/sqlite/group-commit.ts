import type { DatabaseSync } from 'node:sqlite';
import type { CallName } from './calls.ts';
import { isWrite } from './calls.ts';
import type { Answer, Call } from './packet.ts';
import { asStoreError, isCorrupt, isFull, sendError, unavailable } from './sqlite-errors.ts';

/** What a worker does for each name; arguments and answers as `calls.ts` types them. */
export type Handlers = Partial<Record<CallName, (...args: never[]) => unknown>>;

export interface GroupCommitHooks {
  beforeCommit(group: readonly Call[]): void;
  afterCommit(group: readonly Call[]): void;
}

/**
 * Executes calls that wait together in one transaction: one fsync for all of them, which is what a commit costs.
 *
 * Reads: the calls. Writes: one transaction, each call in a savepoint of its own, so that one which fails takes
 * nothing of the others with it. Next: the answers, all after the commit. A crash before the commit: nothing of the
 * group happened; after it: everything did, and nobody was told.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #handlers: Handlers;
  readonly #hooks: GroupCommitHooks;

  constructor(db: DatabaseSync, handlers: Handlers, hooks: GroupCommitHooks) {
    this.#db = db;
    this.#handlers = handlers;
    this.#hooks = hooks;
  }

  /** One answer per call, in order. Throws only when the file is damaged: then the process must not go on. */
  execute(group: readonly Call[]): Answer[] {
    const writes = group.filter((call) => isWrite(call.name)).length;
    if (writes === 0) return group.map((call) => this.#answer(call));
    try {
      return this.#transact(group);
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      if (isCorrupt(error)) throw error;
      // Where the group does not fit, some of its calls may: an outcome can be recorded beside a refused event.
      if (isFull(error) && writes > 1) return group.flatMap((call) => this.execute([call]));
      return this.#answerWithoutWrites(group, error);
    }
  }

  #transact(group: readonly Call[]): Answer[] {
    this.#db.exec('BEGIN IMMEDIATE');
    const answers = group.map((call) => (isWrite(call.name) ? this.#answerWrite(call) : this.#answer(call)));
    this.#hooks.beforeCommit(group);
    this.#db.exec('COMMIT');
    this.#hooks.afterCommit(group);
    return answers;
  }

  #answerWrite(call: Call): Answer {
    this.#db.exec('SAVEPOINT call');
    try {
      const value = this.#perform(call);
      this.#db.exec('RELEASE call');
      return { id: call.id, value };
    } catch (error) {
      // A full disk makes SQLite give up the whole transaction: then nothing of the group is stored.
      if (!this.#db.isTransaction || isCorrupt(error)) throw error;
      this.#db.exec('ROLLBACK TO call; RELEASE call');
      return { id: call.id, error: sendError(asStoreError(error)) };
    }
  }

  #answer(call: Call): Answer {
    try {
      return { id: call.id, value: this.#perform(call) };
    } catch (error) {
      if (isCorrupt(error)) throw error;
      return { id: call.id, error: sendError(asStoreError(error)) };
    }
  }

  #perform(call: Call): unknown {
    const handler = this.#handlers[call.name];
    if (handler === undefined) throw new Error(`There is no call ${call.name}.`);
    return handler(...(call.args as never[]));
  }

  /** The group was rolled back. Its reads may have seen what never came to be, so they are made again. */
  #answerWithoutWrites(group: readonly Call[], error: unknown): Answer[] {
    const rejection = sendError(unavailable(error));
    return group.map((call) => (isWrite(call.name) ? { id: call.id, error: rejection } : this.#answer(call)));
  }
}
