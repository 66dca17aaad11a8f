import type { ClientBase } from 'pg';
import type { Session, Statement } from './database.ts';
import { unprepared } from './database.ts';
import type { Sent, StatementResult } from './round-trip.ts';
import { RoundTrip, parameterOf } from './round-trip.ts';

const begin = unprepared('BEGIN');
const commit = unprepared('COMMIT');

/**
 * A transaction that spends few round trips: at each of them the server, this thread and perhaps a network have waited
 * for one another. What is asked in one go travels together, and behind what was only {@link send sent}. BEGIN goes with
 * the first statement; COMMIT, with all that is only written, is the last.
 */
export class Transaction implements Session {
  readonly #client: ClientBase;
  readonly #waiting: Sent[] = [];
  #isLeaving = false;
  /** It can only be rolled back; with the error it has failed with. */
  #failure: Error | undefined;

  constructor(client: ClientBase) {
    this.#client = client;
    this.send(begin);
  }

  async rows<Row>(asked: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    // The driver cannot know a statement's row: the type is asserted here, beside the SQL that makes it true.
    return (await this.#ask(asked, values)).rows as Row[];
  }

  async run(asked: Statement, values: readonly unknown[] = []): Promise<number> {
    return (await this.#ask(asked, values)).count;
  }

  /**
   * A statement whose result nobody needs: it travels with the next that is waited for, COMMIT at the latest, and is run
   * before it. When it fails, that one and everything after it fail with its error.
   */
  send(asked: Statement, values: readonly unknown[] = []): void {
    this.#waiting.push({
      statement: asked,
      parameters: values.map(parameterOf),
      resolve: () => undefined,
      reject: (error) => (this.#failure ??= error),
    });
  }

  /** Rejects without having committed, unless the connection is lost: then it is not known. */
  async commit(): Promise<void> {
    await this.#ask(commit, []);
  }

  /** Nothing more is asked: what is called from now on, or was not sent yet, fails with the error. */
  giveUp(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }

  #ask(asked: Statement, values: readonly unknown[]): Promise<StatementResult> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        statement: asked,
        parameters: values.map(parameterOf),
        resolve,
        reject: (error) => {
          this.#failure ??= error;
          reject(this.#failure);
        },
      });
      if (this.#isLeaving) return;
      this.#isLeaving = true;
      // Whatever else is asked in this go comes along.
      queueMicrotask(() => this.#go());
    });
  }

  #go(): void {
    this.#isLeaving = false;
    const sent = this.#waiting.splice(0);
    if (sent.length === 0) return;
    this.#client.query(new RoundTrip(sent, this.#client.getTypeParser.bind(this.#client)));
  }
}
