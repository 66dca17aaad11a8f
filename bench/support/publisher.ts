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

/** Publishes events over HTTP, one per call, to the event types given in turn. */
export class BenchPublisher {
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;
  readonly #types: readonly string[];
  readonly #isTimed: boolean;
  #sent = 0;

  /** `isTimed`: events say when they were sent, and the receiver notes how old they are. */
  constructor(access: ApiAccess, types: readonly string[], isTimed = true) {
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

  /** So many events, `concurrency` at a time. */
  async count(events: number, concurrency = CONNECTIONS): Promise<PublishResult> {
    const startedAt = performance.now();
    const result = { accepted: 0, refused: 0, seconds: 0 };
    let left = events;
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (left-- > 0) this.#count(await this.publish(), result);
      }),
    );
    return { ...result, seconds: (performance.now() - startedAt) / 1000 };
  }

  /** At a rate, whether answered or not, for so many milliseconds or until told to stop. */
  async openLoop(perSecond: number, durationMs: number, stop?: AbortSignal): Promise<PublishResult> {
    const startedAt = performance.now();
    const result = { accepted: 0, refused: 0, seconds: 0 };
    const underWay = new Set<Promise<void>>();
    for (let sent = 0; performance.now() - startedAt < durationMs && stop?.aborted !== true;) {
      const owed = Math.floor(((performance.now() - startedAt) / 1000) * perSecond) - sent;
      for (let i = 0; i < owed; i++) {
        const publishing = this.publish().then((status) => this.#count(status, result));
        underWay.add(publishing);
        void publishing.finally(() => underWay.delete(publishing));
      }
      sent += owed;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(underWay);
    return { ...result, seconds: (performance.now() - startedAt) / 1000 };
  }

  async publish(): Promise<number> {
    const eventType = this.#types[this.#sent++ % this.#types.length] ?? '';
    const sentAt = this.#isTimed ? `"sentAt":"${process.hrtime.bigint()}",` : '';
    const body = `{"eventType":"${eventType}","data":{${sentAt}"padding":"${PADDING}"}}`;
    return new Promise((resolve, reject) => {
      let status = 0;
      this.#pool.dispatch(
        { path: '/api/v1/events', method: 'POST', headers: this.#headers, body },
        {
          onRequestStart() {},
          onResponseStart(_controller, statusCode) {
            status = statusCode;
          },
          onResponseData() {},
          onResponseEnd: () => resolve(status),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #count(status: number, result: PublishResult): void {
    if (status === 202) result.accepted += 1;
    else result.refused += 1;
  }
}
