import { AsyncLocalStorage } from 'node:async_hooks';
import { failpoint } from '../../lib/failpoint.ts';
import type { Store } from '../store.ts';
import type { Database } from './database.ts';
import type { Work, WriteNeeds } from './group-commit.ts';
import { GroupCommit } from './group-commit.ts';

/**
 * For the fault suite: ends the process with SIGKILL before or after the commit of a call. The points are named as the
 * embedded store's: `before-commit` and `after-commit` of events; of any other call with its name, as in
 * `after-commit:recordAttempts`.
 */
export class ArmedGroupCommit extends GroupCommit {
  readonly #armed: string;
  /** The store's call that is being made. */
  readonly #call = new AsyncLocalStorage<string>();

  constructor(database: Database, onUnknown: () => void, armed: string) {
    super(database, onUnknown);
    this.#armed = armed;
  }

  override async write<T>(run: Work<T>, needs?: WriteNeeds): Promise<T> {
    const name = this.#call.getStore() ?? '';
    const at = (point: string): void =>
      failpoint(this.#armed, name === 'commitEvents' ? point : `${point}:${name}`);
    const answer = await super.write(async (session) => {
      const done = await run(session);
      at('before-commit');
      return done;
    }, needs);
    at('after-commit');
    return answer;
  }

  /** The store whose calls are known by name. */
  watch(store: Store): Store {
    const watched = Object.entries(store).map(([name, call]: [string, (...args: unknown[]) => unknown]) => [
      name,
      (...args: unknown[]) => this.#call.run(name, () => call(...args)),
    ]);
    return Object.fromEntries(watched) as Store;
  }
}
