import process from 'node:process';
import { Pool } from 'undici';
import type { ApiAccess } from '../../test/support/api-client.ts';

/** About 1 KiB with the envelope. */
const PADDING = 'x'.repeat(850);
const CONNECTIONS = 64;

export interface PublishResult {
  accepted: number;
  refused: number;
  seconds: number;
}

/** Publishes events over HTTP, one or more per call, of the event types given in turn. */
export class BenchPublisher {
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;
  readonly #types: readonly string[];
  readonly #isTimed: boolean;
  readonly #perCall: number;
  #sent = 0;

  /**
   * `isTimed`: events say when they were sent, and the receiver notes how old they are. `perCall`: so many are
   * published at once, as a batch.
   */
  constructor(access: ApiAccess, types: readonly string[], { isTimed = true, perCall = 1 } = {}) {
    this.#perCall = perCall;
    this.#pool = new Pool(access.url, { connections: CONNECTIONS, pipelining: 1 });
    this.#types = types;
    this.#isTimed = isTimed;
    this.#headers = {
      authorization: `Bearer ${access.token}`,
      'x-workspace-id': access.workspaceId,
      'content-type': 'application/json',
    };
  }

  /** As fast as they are answered, `concurrency` at a time, for so many milliseconds. */
  async closedLoop(concurrency: number, durationMs: number): Promise<PublishResult> {
    const startedAt = performance.now();
    const result = { accepted: 0, refused: 0, seconds: 0 };
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (performance.now() - startedAt < durationMs) this.#count(await this.publish(), result);
      }),
    );
    return { ...result, seconds: (performance.now() - startedAt) / 1000 };
  }

  /** So many events (of whole calls), `concurrency` calls at a time. */
  async count(events: number, concurrency = CONNECTIONS): Promise<PublishResult> {
    const startedAt = performance.now();
    const result = { accepted: 0, refused: 0, seconds: 0 };
    let left = events;
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while ((left -= this.#perCall) >= 0) this.#count(await this.publish(), result);
      }),
    );
    return { ...result, seconds: (performance.now() - startedAt) / 1000 };
  }

  /** At a rate of events, whether answered or not, for so many milliseconds or until told to stop. */
  async openLoop(perSecond: number, durationMs: number, stop?: AbortSignal): Promise<PublishResult> {
    const startedAt = performance.now();
    const result = { accepted: 0, refused: 0, seconds: 0 };
    const calls = perSecond / this.#perCall;
    const underWay = new Set<Promise<void>>();
    for (let sent = 0; performance.now() - startedAt < durationMs && stop?.aborted !== true;) {
      const owed = Math.floor(((performance.now() - startedAt) / 1000) * calls) - sent;
      for (let i = 0; i < owed; i++) {
        const publishing = this.publish().then((taken) => this.#count(taken, result));
        underWay.add(publishing);
        void publishing.finally(() => underWay.delete(publishing));
      }
      sent += owed;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(underWay);
    return { ...result, seconds: (performance.now() - startedAt) / 1000 };
  }

  /** How many of the call's events were taken. */
  async publish(): Promise<number> {
    const events = Array.from({ length: this.#perCall }, () => this.#next());
    const isBatch = this.#perCall > 1;
    const path = isBatch ? '/api/v1/events/batch' : '/api/v1/events';
    const body = isBatch ? `{"events":[${events.join()}]}` : (events[0] ?? '');
    return new Promise((resolve, reject) => {
      let status = 0;
      const chunks: Buffer[] = [];
      this.#pool.dispatch(
        { path, method: 'POST', headers: this.#headers, body },
        {
          onRequestStart() {},
          onResponseStart(_controller, statusCode) {
            status = statusCode;
          },
          onResponseData(_controller, chunk) {
            if (isBatch) chunks.push(chunk);
          },
          onResponseEnd: () => resolve(status === 202 ? (isBatch ? takenOf(Buffer.concat(chunks)) : 1) : 0),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }

  #next(): string {
    const eventType = this.#types[this.#sent++ % this.#types.length] ?? '';
    const sentAt = this.#isTimed ? `"sentAt":"${process.hrtime.bigint()}",` : '';
    return `{"eventType":"${eventType}","data":{${sentAt}"padding":"${PADDING}"}}`;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #count(taken: number, result: PublishResult): void {
    result.accepted += taken;
    result.refused += this.#perCall - taken;
  }
}

/** Of a batch's answer: the results that say yes. */
function takenOf(answer: Buffer): number {
  const { data } = JSON.parse(answer.toString()) as { data: { results: { success: boolean }[] } };
  return data.results.filter(({ success }) => success).length;
}
