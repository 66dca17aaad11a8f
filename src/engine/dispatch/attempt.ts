import type { SecureContext } from 'node:tls';
import type { Dispatcher as Undici } from 'undici';
import { RESPONSE_BODY_BYTES_MAX } from '../../domain/attempt.ts';
import { timingText } from '../../domain/attempt-timing.ts';
import { redactBody } from '../../domain/redaction.ts';
import { responseHeadersText } from '../../domain/response-headers.ts';
import { systemClock } from '../../lib/clock.ts';
import { failpoint } from '../../lib/failpoint.ts';
import type { AttemptMade, AttemptOrder, AttemptResult } from './attempt-order.ts';
import { connect, type ConnectEnd } from './connect.ts';
import { Connection } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { Course } from './course.ts';
import { BLOCKED, ConnectionGone, describeRequest, type Failure, SWITCHED } from './failure.ts';
import type { Guard } from './guard.ts';
import { buildHeaders } from './request-headers.ts';
import { parseRetryAfter } from './retry-after.ts';

/** What all attempts of a dispatcher share. */
export interface AttemptContext {
  guard: Guard;
  pool: ConnectionPool;
  trust: SecureContext;
  userAgent: string;
  failpoint: string | null;
  /** Called once for each attempt that was not cancelled. */
  report(attempt: Attempt, result: AttemptResult): void;
}

/** A deadline that fires later than this found our own event loop late, not the receiver. */
const LATE_MS = 50;

const DOING = {
  dnsMs: 'while its name was looked up',
  connectMs: 'while connecting',
  tlsMs: 'during the TLS handshake',
  waitMs: 'without a complete response head',
} as const;

/**
 * One attempt: a name looked up and judged, a connection (an idle one where there is one), a POST, and what came
 * of it. One deadline holds for everything up to the response head; what is left of it is for the body, which is
 * read for the log only. It is undici's handler itself, so that an attempt costs no closures.
 */
export class Attempt implements Undici.DispatchHandler {
  readonly order: AttemptOrder;
  readonly #context: AttemptContext;
  readonly #url: URL | null;
  #startedAt = 0;
  #startedMonotonic = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #course = new Course();
  #isOver = false;
  #cancelConnect: (() => void) | null = null;
  #connection: Connection | null = null;
  #timestampS = 0;
  /** The timestamp, once the request is being written. */
  #sentAtS: number | null = null;
  /** Set by the response head. */
  #statusCode: number | null = null;
  #headMs = 0;
  #responseHeaders: string | null = null;
  #retryAfterMs: number | null = null;
  #body: Buffer[] | null = null;
  #bodyBytes = 0;

  constructor(order: AttemptOrder, context: AttemptContext) {
    this.order = order;
    this.#context = context;
    this.#url = URL.parse(order.url);
  }

  /** Whether an idle connection waits for it. */
  get hasConnection(): boolean {
    return this.#url !== null && this.#context.pool.has(authorityOf(this.#url));
  }

  start(): void {
    this.#startedAt = systemClock.now();
    this.#startedMonotonic = systemClock.monotonic();
    if (this.#startedMonotonic > this.order.startBy) {
      return this.#giveUp('It is too late to start: the lease of this node may end before the attempt does.');
    }
    if (this.#url?.protocol !== 'https:') {
      return this.#fail({
        outcome: 'protocol',
        error: 'The URL cannot be used: it must be absolute and https.',
      });
    }
    // A timer each is cheap: Node keeps those of the same duration in one list.
    this.#timer = setTimeout(onDeadline, this.order.timeoutMs, this);
    const idle = this.#context.pool.take(authorityOf(this.#url));
    if (idle === undefined) void this.#connect(this.#url);
    else this.#post(idle, this.#url);
  }

  /** Ends it without a result. */
  cancel(): void {
    this.#end();
    this.#connection?.destroy();
  }

  async #connect(url: URL): Promise<void> {
    this.#course.remoteAddress = null;
    this.#course.begin('dnsMs');
    const vetting = await this.#context.guard.vet(url.hostname);
    if (this.#isOver) return;
    if (vetting.kind === 'refused') return this.#fail(BLOCKED);
    if (vetting.kind === 'failure') return this.#fail({ outcome: 'dns', error: vetting.error });
    if (vetting.kind === 'fault') return this.#giveUp(vetting.error);
    const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
    const target = { host, port: Number(url.port || 443), addresses: vetting.addresses };
    const deadlineAt = this.#startedMonotonic + this.order.timeoutMs;
    this.#cancelConnect = connect(target, this.#context.trust, deadlineAt, this.#course, (end) =>
      this.#onConnectEnd(end, url),
    );
  }

  #onConnectEnd(end: ConnectEnd, url: URL): void {
    this.#cancelConnect = null;
    this.#course.end();
    if (end.kind === 'fault') return this.#giveUp(end.error);
    if (end.kind === 'failure') return this.#fail(end.failure);
    if (this.#elapsedMs() >= this.order.timeoutMs) {
      // The process was frozen, and its timers come later: what should have ended by now is not to be sent.
      end.socket.destroy();
      return this.timeOut(true);
    }
    const { pool } = this.#context;
    const { address, socket } = end;
    this.#post(new Connection(authorityOf(url), address, socket, (closed) => pool.remove(closed)), url);
  }

  #post(connection: Connection, url: URL): void {
    this.#connection = connection;
    this.#course.remoteAddress = connection.remoteAddress;
    this.#timestampS = Math.floor(systemClock.now() / 1000);
    const headers = buildHeaders(this.order, this.#context.userAgent, this.#timestampS);
    connection.post(url.pathname + url.search, headers, this.order.body, this);
  }

  // ── What undici tells ──────────────────────────────────────────────────────────────────────────────────────

  onRequestStart(): void {
    this.#sentAtS = this.#timestampS;
    this.#course.begin('waitMs');
    this.#connection?.expectResponse();
  }

  onResponseStart(
    _controller: Undici.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#isOver) return;
    // Without an `Upgrade` header a 101 gets here, like an interim response.
    if (statusCode < 200) return this.#fail(SWITCHED);
    failpoint(this.#context.failpoint, 'after-post-before-record');
    this.#statusCode = statusCode;
    this.#headMs = this.#elapsedMs();
    this.#course.end();
    this.#responseHeaders = responseHeadersText(headers, isSuccess(statusCode));
    if (statusCode === 429 || statusCode === 503) {
      this.#retryAfterMs = parseRetryAfter(headers['retry-after'], systemClock.now());
    }
  }

  onResponseData(_controller: Undici.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    const room = RESPONSE_BODY_BYTES_MAX - this.#bodyBytes;
    const kept = chunk.subarray(0, room);
    this.#bodyBytes += kept.length;
    // Copied: the chunk is a view of the whole of what was read.
    if (kept.length > 0) (this.#body ??= []).push(Buffer.from(kept));
    if (chunk.length > room) this.#succeedOrNot(true);
  }

  onResponseEnd(): void {
    if (!this.#isOver) this.#succeedOrNot(false);
  }

  onResponseError(_controller: Undici.DispatchController | null, error: Error): void {
    if (this.#isOver) return;
    // The receiver decided by its response head; that the log's excerpt of the body is short changes nothing.
    if (this.#statusCode !== null) return this.#succeedOrNot(true);
    const wasReused = this.#connection?.isReused === true;
    if (error instanceof ConnectionGone && wasReused && this.#sentAtS === null && this.#url !== null) {
      // The receiver closed an idle connection just as we took it. No byte of this request was written, so a
      // fresh connection is no second try; once a byte was, nobody can know whether it was read.
      this.#connection = null;
      return void this.#connect(this.#url);
    }
    this.#fail(describeRequest(error));
  }

  // ── How it ends ────────────────────────────────────────────────────────────────────────────────────────────

  /** The deadline passed; `isSure` when what had arrived by then has been looked at. */
  timeOut(isSure: boolean): void {
    if (this.#isOver) return;
    const isLate = this.#elapsedMs() - this.order.timeoutMs > LATE_MS;
    if (isLate && !isSure) return void setImmediate(() => this.timeOut(true));
    if (this.#statusCode !== null) return this.#succeedOrNot(true);
    if (this.#course.phase === 'dnsMs' && this.#context.guard.isResolverSilentSince(this.#startedMonotonic)) {
      return this.#giveUp('Our DNS resolver does not answer.');
    }
    this.#fail({
      outcome: 'timeout',
      error: `The time of ${this.order.timeoutMs} ms ran out ${DOING[this.#course.phase ?? 'waitMs']}.`,
    });
  }

  /** There was a response head: its status is the outcome, whatever became of the body. */
  #succeedOrNot(isTruncated: boolean): void {
    const connection = this.#connection;
    const status = this.#statusCode ?? 0;
    this.#end();
    // A connection with unread bytes is never used again: they would answer the next request.
    if (isTruncated) connection?.destroy();
    else if (connection !== null) this.#context.pool.give(connection);
    const isTaken = isSuccess(status);
    this.#context.report(this, {
      kind: 'made',
      attemptId: this.order.attemptId,
      outcome: isTaken ? 'success' : 'http_status',
      statusCode: status,
      startedAt: this.#startedAt,
      durationMs: this.#headMs,
      elapsedMs: this.#elapsedMs(),
      error: isTaken ? null : `The receiver answered ${status}.`,
      responseBody: this.#keptBody(),
      responseTruncated: isTruncated,
      responseHeaders: this.#responseHeaders,
      ...this.#seen(),
      retryAfterMs: this.#retryAfterMs,
    });
  }

  #seen(): Pick<AttemptMade, 'timing' | 'remoteAddress' | 'sentAtS'> {
    const { remoteAddress } = this.#course;
    return { timing: timingText(this.#course), remoteAddress, sentAtS: this.#sentAtS };
  }

  #keptBody(): Uint8Array | null {
    if (this.#body === null) return null;
    const { redactionPaths = [] } = this.order;
    return redactBody(Buffer.concat(this.#body), redactionPaths, RESPONSE_BODY_BYTES_MAX);
  }

  /** There was no response. */
  #fail(failure: Failure): void {
    const durationMs = this.#elapsedMs();
    this.#course.end();
    this.cancel();
    this.#context.report(this, {
      kind: 'made',
      attemptId: this.order.attemptId,
      outcome: failure.outcome,
      statusCode: null,
      startedAt: this.#startedAt,
      durationMs,
      elapsedMs: durationMs,
      error: failure.error,
      responseBody: null,
      responseTruncated: false,
      responseHeaders: null,
      ...this.#seen(),
      retryAfterMs: null,
    });
  }

  /** It could not be made, and the receiver is not to blame. */
  #giveUp(error: string): void {
    this.cancel();
    this.#context.report(this, { kind: 'not_made', attemptId: this.order.attemptId, error });
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#cancelConnect?.();
    this.#cancelConnect = null;
  }

  #elapsedMs(): number {
    return Math.round(systemClock.monotonic() - this.#startedMonotonic);
  }
}

function onDeadline(attempt: Attempt): void {
  attempt.timeOut(false);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function authorityOf(url: URL): string {
  return `${url.hostname}:${url.port || 443}`;
}
