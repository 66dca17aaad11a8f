import type { ClientBase, ClientConfig, PoolClient, PoolConfig, QueryConfig } from 'pg';
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
 * What each connection is told once it is made, in one round trip. Not as options of the connection itself: poolers
 * such as PgBouncer refuse those.
 *
 * Every table that grows is read by an index. A plan that was made while a table was small, and is kept, must say so
 * too: else each statement reads the whole of a table that has grown since, until the next `ANALYZE` (a batch of
 * records took 700 ms instead of 20 with 200,000 pending). With `tcp_keepalives` the server ends connections of a node
 * that is gone without a word within half a minute, not after two hours.
 */
const SESSION_SETTINGS = Object.entries({
  enable_seqscan: 'off',
  statement_timeout: STATEMENT_MS_MAX,
  lock_timeout: LOCK_MS_MAX,
  idle_in_transaction_session_timeout: ANSWER_MS_MAX,
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 4,
})
  .map(([name, value]) => `SET ${name} = ${value}`)
  .join(';');
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

const begin = unprepared('BEGIN');
const commit = unprepared('COMMIT');
const rollback = unprepared('ROLLBACK');

/** Where statements run: within a transaction, or each by itself. A `Uint8Array` goes as binary, as it is. */
export interface Session {
  rows<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /** How many rows were changed. */
  run(statement: Statement, values?: readonly unknown[]): Promise<number>;
}

/** What `DATABASE_URL` names, with bounds on every wait. */
export class Database implements Session {
  readonly #readers: Pool;
  /** One connection for what must not wait behind lists that take long. */
  readonly #urgent: Pool;
  readonly #config: ClientConfig;

  constructor(url: string, applicationName: string) {
    this.#config = {
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: CONNECT_MS_MAX,
      query_timeout: ANSWER_MS_MAX,
      keepAlive: true,
      keepAliveInitialDelayMillis: ANSWER_MS_MAX,
      types: TYPES,
    };
    this.#readers = openPool({ ...this.#config, max: READERS_MAX });
    // Kept while idle: a renewal that had to connect first could find no connection left.
    this.#urgent = openPool({ ...this.#config, max: 1, idleTimeoutMillis: 0 });
  }

  async rows<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return this.read((session) => session.rows<Row>(statement, values));
  }

  async run(statement: Statement, values: readonly unknown[] = []): Promise<number> {
    return this.read((session) => session.run(statement, values));
  }

  /** As {@link run}, but behind nothing else than what is run so, too. */
  async runUrgently(statement: Statement, values: readonly unknown[] = []): Promise<number> {
    return withClient(this.#urgent, (session) => session.run(statement, values));
  }

  /** Several reads of one connection; with `snapshot`, all of the same moment. */
  async read<T>(run: (session: Session) => Promise<T>): Promise<T> {
    return withClient(this.#readers, run);
  }

  /**
   * A short transaction beside the writing connection, for what may wait for other nodes: there it would keep every event
   * and record of this node waiting as well. Where it fails it is rolled back, and not run again.
   */
  async transact<T>(run: (session: Session) => Promise<T>): Promise<T> {
    return this.read(async (session) => {
      await session.run(begin);
      try {
        const result = await run(session);
        await session.run(commit);
        return result;
      } catch (error) {
        await session.run(rollback).catch(() => undefined);
        throw error;
      }
    });
  }

  /** A connection of its own, connected. Whoever gets it ends it. Rejects with `StoreUnavailable`. */
  async connect(): Promise<Client> {
    const client = new Client(this.#config);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await prepare(client);
      return client;
    } catch (error) {
      client.end().catch(() => undefined);
      throw unavailable(error);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#readers.end(), this.#urgent.end()]);
  }
}

function openPool(config: PoolConfig): Pool {
  const pool = new Pool({ ...config, min: 0, onConnect: prepare });
  // A connection that dies while idle is replaced; whoever uses it next is not concerned.
  pool.on('error', () => undefined);
  // Nor must one that dies in its user's hands, between two statements, end the process: the pool does not listen then.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}

async function prepare(client: ClientBase): Promise<void> {
  const settings: QueryConfig & { query_timeout: number } = {
    text: SESSION_SETTINGS,
    query_timeout: CONNECT_MS_MAX,
  };
  await client.query(settings);
}

async function withClient<T>(pool: Pool, run: (session: Session) => Promise<T>): Promise<T> {
  let client: PoolClient;
  try {
    client = await pool.connect();
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
