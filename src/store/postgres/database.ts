import type { ClientBase, ClientConfig, PoolClient } from 'pg';
import { Client, Pool, types } from 'pg';
import { asStoreError, isConnectionFault, unavailable } from './postgres-errors.ts';

/** Reads at once; a list that takes long has one to itself. */
const READERS_MAX = 6;
/** Nobody waits longer than this for a connection: then the store is unavailable, and says so. */
const CONNECT_MS_MAX = 2_000;
/** Longer than any statement of ours takes: what takes longer is stuck, and its connection is given up. */
const STATEMENT_MS_MAX = 8_000;
/** How long a statement waits for a lock of another node, or of an operator's `LOCK TABLE`. */
const LOCK_MS_MAX = 3_000;
/** A peer that has gone without a word is found out by then, by this side and by the other. */
const ANSWER_MS_MAX = 10_000;
/**
 * Every table that grows is read by an index. A plan that was made while a table was small, and is kept, must say so
 * too: else each statement reads the whole of a table that has grown since, until the next `ANALYZE` (a batch of
 * records took 700 ms instead of 20 with 200,000 pending).
 */
const PLAN_OPTIONS = '-c enable_seqscan=off';
/** So the server ends connections of a node that is gone without a word within half a minute, not after two hours. */
const PEER_OPTIONS = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4';
const INT8_OID = 20;
const BYTEA_OID = 17;

/** Integers of 64 bits come as numbers (times and counts, all below 2^53), bytes as a plain array of them. */
const TYPES = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === INT8_OID) return Number;
    if (format !== 'binary' && oid === BYTEA_OID) return toBytes;
    return types.getTypeParser(oid, format);
  }) as never,
};

/** Text of the form `\x0f…`. A `Buffer` is no plain array where it is compared or sent to a thread. */
function toBytes(text: string): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(text.slice(2), 'hex');
  return new Uint8Array(buffer, byteOffset, length);
}

/** SQL with a name: parsed and planned once per connection. The columns are named as the row's fields are. */
export interface Statement {
  name: string;
  text: string;
}

let statementCount = 0;

/** Made once, when its file is loaded. */
export function statement(text: string): Statement {
  statementCount += 1;
  return { name: `v${statementCount}`, text };
}

/**
 * SQL without a name: parsed and planned each time, for its own values. Without values it may be several statements.
 */
export function unprepared(text: string): Statement {
  return { name: '', text };
}

/** Where statements run: within a transaction, or each by itself. A `Uint8Array` goes as binary, as it is. */
export interface Session {
  rows<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /** How many rows were changed. */
  run(statement: Statement, values?: readonly unknown[]): Promise<number>;
}

/** What `DATABASE_URL` names, with bounds on every wait. */
export class Database implements Session {
  readonly #readers: Pool;
  readonly #config: ClientConfig;

  constructor(url: string, applicationName: string) {
    this.#config = {
      connectionString: url,
      application_name: applicationName,
      options: `${PLAN_OPTIONS} ${PEER_OPTIONS}`,
      connectionTimeoutMillis: CONNECT_MS_MAX,
      query_timeout: ANSWER_MS_MAX,
      statement_timeout: STATEMENT_MS_MAX,
      lock_timeout: LOCK_MS_MAX,
      idle_in_transaction_session_timeout: ANSWER_MS_MAX,
      keepAlive: true,
      keepAliveInitialDelayMillis: ANSWER_MS_MAX,
      types: TYPES,
    };
    this.#readers = new Pool({ ...this.#config, max: READERS_MAX, min: 0 });
    // A connection that dies while idle is replaced; whoever uses it next is not concerned.
    this.#readers.on('error', () => undefined);
    // Nor must one that dies in its user's hands, between two statements, end the process: the pool does not listen then.
    this.#readers.on('connect', (client) => void client.on('error', () => undefined));
  }

  async rows<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return this.#withReader((session) => session.rows<Row>(statement, values));
  }

  async run(statement: Statement, values: readonly unknown[] = []): Promise<number> {
    return this.#withReader((session) => session.run(statement, values));
  }

  /** Several reads of one connection; with `snapshot`, all of the same moment. */
  async read<T>(run: (session: Session) => Promise<T>): Promise<T> {
    return this.#withReader(run);
  }

  /** A connection of its own, connected. Whoever gets it ends it. Rejects with `StoreUnavailable`. */
  async connect(): Promise<Client> {
    const client = new Client(this.#config);
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      throw unavailable(error);
    }
  }

  async close(): Promise<void> {
    await this.#readers.end();
  }

  async #withReader<T>(run: (session: Session) => Promise<T>): Promise<T> {
    let client: PoolClient;
    try {
      client = await this.#readers.connect();
    } catch (error) {
      throw unavailable(error);
    }
    let broken: Error | undefined;
    try {
      return await run(sessionOf(client));
    } catch (error) {
      const known = asStoreError(error);
      if (isConnectionFault(error)) broken = known;
      throw known;
    } finally {
      client.release(broken);
    }
  }
}

/** Errors are the driver's own. */
export function sessionOf(client: ClientBase): Session {
  const query = (statement: Statement, values: readonly unknown[] = []) =>
    client.query<Record<string, unknown>>({ ...statement, values: values.map(binary) });
  return {
    async rows<Row>(statement: Statement, values?: readonly unknown[]) {
      // The driver cannot know a statement's row: the type is asserted here, once, beside the SQL that makes it true.
      return (await query(statement, values)).rows as Row[];
    },
    async run(statement, values) {
      return (await query(statement, values)).rowCount ?? 0;
    },
  };
}

/** The driver sends a `Buffer` as it is and would write any other array of bytes as text. */
function binary(value: unknown): unknown {
  if (value instanceof Uint8Array && !Buffer.isBuffer(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return value;
}
