import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { StoreSignal } from '../contract/signals.ts';
import type { Database } from './database.ts';
import { statement } from './database.ts';
import type { SignalSender } from './parts.ts';

/** All nodes of a database share one; each notification names who sent it and what it is about. */
const CHANNEL = 'velahook';
/** Each notification takes a lock of the whole server, and wakes every node: no more often than this. */
const COALESCE_MS = 10;
/** The listening connection is tried so often, and looked after so often when it seems well. */
const CHECK_MS = 1_000;
/** A notification of our own that did not come back by then was sent into nothing. */
const ECHO_MS_MAX = 1_500;
/**
 * A commit whose outcome could not be learnt may still be made after the connection is gone, but not later: by then
 * the server has ended its transaction (`idle_in_transaction_session_timeout`, 10 s). Memory is compared once more.
 */
const UNKNOWN_MS_MAX = 12_000;

// Nobody waits for these on disk: `NOTIFY` holds its lock through the flush of its commit.
const notify = statement(`
WITH unflushed AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
SELECT pg_notify('${CHANNEL}', payload) FROM unflushed, unnest($1::text[]) AS payload`);

/**
 * `LISTEN` and `NOTIFY`: how nodes tell one another what they committed. Only spares waiting: whatever is lost here is
 * found by asking within a second.
 *
 * Listens on a connection of its own, and knows that it hears: each second it notifies itself through another
 * connection. A listener whose server is gone without a word (a firewall that forgot the connection, a failover) would
 * otherwise stay silent for good. After every gap it says `unsure`.
 */
export class Notifications implements SignalSender {
  readonly #database: Database;
  /** Ours among all that are heard. */
  readonly #self = randomUUID();
  #listener: (signal: StoreSignal) => void = () => undefined;
  /** Whose marks are ours to take: that of the last call that asked for them. */
  #epoch: number | null = null;
  #client: pg.Client | undefined;
  #connecting: Promise<void> | undefined;
  #isClosed = false;

  /** What waits to be sent. */
  readonly #news = new Set<string>();
  #flushTimer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #flushedAt = -Infinity;

  #checkTimer: NodeJS.Timeout | undefined;
  #unknownTimer: NodeJS.Timeout | undefined;
  /** The echo that is waited for, and since when; null when none is. */
  #echo: { number: number; since: number } | null = null;
  #echoNumber = 0;

  /** Resolves when it listens. Rejects with `StoreUnavailable`. */
  static async open(database: Database): Promise<Notifications> {
    const notifications = new Notifications(database);
    await notifications.#listen();
    notifications.#checkLater();
    return notifications;
  }

  private constructor(database: Database) {
    this.#database = database;
  }

  onSignal(listener: (signal: StoreSignal) => void): void {
    this.#listener = listener;
  }

  /** From now on only marks for this epoch are told of. */
  listenAs(epoch: number): void {
    this.#epoch = epoch;
  }

  wake(owners: Iterable<number>): void {
    for (const owner of owners) this.#tell(`wake ${owner}`);
  }

  freed(): void {
    this.#tell('free');
  }

  subscriptionChanged(workspaceId: string, subscriptionId: string): void {
    this.#tell(`subscription ${workspaceId} ${subscriptionId}`);
  }

  settingsChanged(workspaceId: string): void {
    this.#tell(`settings ${workspaceId}`);
  }

  streamOpened(workspaceId: string): void {
    this.#tell(`stream-opened ${workspaceId}`);
  }

  streamsGrew(workspaceIds: readonly string[]): void {
    for (const workspaceId of workspaceIds) this.#tell(`stream-grew ${workspaceId}`);
  }

  /** A commit's outcome could not be learnt: what memory holds may be behind the store, now or soon. */
  unsure(): void {
    this.#listener({ kind: 'unsure' });
    clearTimeout(this.#unknownTimer);
    if (this.#isClosed) return;
    this.#unknownTimer = setTimeout(() => this.#listener({ kind: 'unsure' }), UNKNOWN_MS_MAX).unref();
  }

  /** Sends what waits to be sent, and hears no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#checkTimer);
    clearTimeout(this.#unknownTimer);
    clearTimeout(this.#flushTimer);
    await this.#connecting?.catch(() => undefined);
    await this.#flushing;
    await this.#flush();
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) destroy(client);
  }

  async #listen(): Promise<void> {
    const client = await this.#database.connect();
    client.on('notification', ({ payload }) => this.#heard(client, payload ?? ''));
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    try {
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      destroy(client);
      throw error;
    }
    if (this.#isClosed) return destroy(client);
    this.#client = client;
    this.#echo = null;
  }

  #lost(client: pg.Client): void {
    destroy(client);
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#reconnect();
  }

  /** Until it listens again; then whatever was missed is to be looked for. */
  #reconnect(): void {
    if (this.#isClosed || this.#connecting !== undefined) return;
    this.#connecting = this.#listen()
      .then(() => {
        if (!this.#isClosed) this.#listener({ kind: 'unsure' });
      })
      // The next check tries again.
      .catch(() => undefined)
      .finally(() => (this.#connecting = undefined));
  }

  #checkLater(): void {
    if (this.#isClosed) return;
    this.#checkTimer = setTimeout(() => {
      this.#checkLater();
      const client = this.#client;
      if (client === undefined) this.#reconnect();
      else if (this.#echo === null) void this.#sendEcho();
      else if (performance.now() - this.#echo.since > ECHO_MS_MAX) this.#lost(client);
    }, CHECK_MS).unref();
  }

  async #sendEcho(): Promise<void> {
    this.#echoNumber += 1;
    const echo = { number: this.#echoNumber, since: Infinity };
    this.#echo = echo;
    try {
      await this.#database.rows(notify, [[`${this.#self} echo ${echo.number}`]]);
      // Only now it is on its way; a slow database is no deaf listener.
      echo.since = performance.now();
    } catch {
      if (this.#echo === echo) this.#echo = null;
    }
  }

  #heard(client: pg.Client, payload: string): void {
    if (client !== this.#client) return;
    const [sender, kind, first = '', second = ''] = payload.split(' ');
    if (sender === this.#self) {
      if (kind === 'echo' && this.#echo?.number === Number(first)) this.#echo = null;
      return;
    }
    if (kind === 'wake' && (this.#epoch === null || this.#epoch === Number(first))) {
      this.#listener({ kind: 'wakes' });
    } else if (kind === 'free') {
      this.#listener({ kind: 'free' });
    } else if (kind === 'subscription') {
      this.#listener({ kind: 'subscription', workspaceId: first, subscriptionId: second });
    } else if (kind === 'settings' || kind === 'stream-opened' || kind === 'stream-grew') {
      this.#listener({ kind, workspaceId: first });
    }
  }

  #tell(news: string): void {
    this.#news.add(news);
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#flushTimer !== undefined || this.#isClosed) return;
    const delayMs = Math.max(0, this.#flushedAt + COALESCE_MS - performance.now());
    this.#flushTimer = setTimeout(() => {
      this.#flushing = this.#flush().then(() => {
        this.#flushTimer = undefined;
        if (this.#news.size > 0) this.#flushSoon();
      });
    }, delayMs);
  }

  async #flush(): Promise<void> {
    const payloads = [...this.#news].map((news) => `${this.#self} ${news}`);
    this.#news.clear();
    if (payloads.length === 0) return;
    this.#flushedAt = performance.now();
    // Lost when it fails: then others find it by asking.
    await this.#database.rows(notify, [payloads]).catch(() => undefined);
  }
}

/** At once: a peer that is gone would never answer a polite farewell. */
function destroy(client: pg.Client): void {
  client.connection.stream.destroy();
}
