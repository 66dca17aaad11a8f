import type { ClientBase, Connection, Submittable } from 'pg';
import type { Statement } from './database.ts';

/** A value as it is sent: text is read by the type that the statement names, bytes go as they are. */
export type Parameter = string | Buffer | null;

/** A statement with its values, and who waits for what comes of it. */
export interface Sent {
  statement: Statement;
  parameters: readonly Parameter[];
  resolve(result: StatementResult): void;
  reject(error: Error): void;
}

export interface StatementResult {
  rows: Record<string, unknown>[];
  /** How many rows were read or changed. */
  count: number;
}

/** What is used of the driver's connection; `@types/pg` describe an older one. */
interface Wire {
  stream: { cork(): void; uncork(): void };
  /** By name: what the server has parsed on this connection. */
  parsedStatements: Record<string, string>;
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: readonly Parameter[] }): void;
  describe(message: { type: 'P' }): void;
  execute(message: object): void;
  sync(): void;
}

interface Column {
  name: string;
  parse(text: string): unknown;
}

/**
 * Several statements in one message to the server, and their results in one answer: a *pipeline* of PostgreSQL's
 * protocol (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING). The driver sends each
 * statement only when the one before is answered; this is how it takes what it does not know itself, as cursors are.
 *
 * The server runs them in order, each with a snapshot of its own, as if they had come one by one. There is one `Sync`,
 * at the end: when a statement fails, the server passes over those behind it, a COMMIT among them.
 *
 * All results are told when the last has come: whoever goes on then finds the connection free.
 */
export class RoundTrip implements Submittable {
  readonly sent: readonly Sent[];
  /** The driver puts its time limit around it, and is told by it that there is an end. */
  callback: () => void = () => undefined;
  readonly #typeParserOf: ClientBase['getTypeParser'];
  readonly #results: StatementResult[] = [];
  #columns: Column[] = [];
  #rows: Record<string, unknown>[] = [];
  #hasEnded = false;

  constructor(sent: readonly Sent[], typeParserOf: ClientBase['getTypeParser']) {
    this.sent = sent;
    this.#typeParserOf = typeParserOf;
  }

  /** The driver asks for them to note what was parsed: those of the statement that is being answered. */
  get name(): string | undefined {
    return this.sent[this.#results.length]?.statement.name;
  }

  get text(): string | undefined {
    return this.sent[this.#results.length]?.statement.text;
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as Wire;
    const parsed = new Set<string>();
    // Written as one.
    wire.stream.cork();
    for (const { statement, parameters } of this.sent) {
      const { name, text } = statement;
      if (name === '' || (wire.parsedStatements[name] !== text && !parsed.has(name)))
        wire.parse({ name, text });
      parsed.add(name);
      wire.bind({ statement: name, values: parameters });
      wire.describe({ type: 'P' });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: this.#typeParserOf(dataTypeID, 'text') as Column['parse'],
    }));
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    this.#columns.forEach(({ name, parse }, i) => {
      const text = fields[i] ?? null;
      row[name] = text === null ? null : parse(text);
    });
    this.#rows.push(row);
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#results.push({ rows: this.#rows, count: Number(/\d+$/.exec(text)?.[0] ?? 0) });
    this.#columns = [];
    this.#rows = [];
  }

  handleReadyForQuery(): void {
    this.#end();
  }

  handleError(error: Error): void {
    this.#end(error);
  }

  /** What has no result by then was not run, or is not known to have been. */
  #end(error: Error = new Error('The connection was answered with too little.')): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.callback();
    this.sent.forEach(({ resolve, reject }, i) => {
      const result = this.#results[i];
      if (result === undefined) reject(error);
      else resolve(result);
    });
  }
}

/** Throws for what a statement cannot be given: text, numbers, booleans, bytes, and arrays of the first two. */
export function parameterOf(value: unknown): Parameter {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Array.isArray(value) ? `{${value.map(elementOf).join()}}` : textOf(value);
}

function elementOf(value: unknown): string {
  if (value === null) return 'NULL';
  return `"${textOf(value).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TypeError(`A statement was given a value of a kind that is not sent: ${typeof value}.`);
}
