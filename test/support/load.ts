import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { ApiAccess } from './api-client.ts';

/**
 * What a publisher knows after a call. `ok`: 202. `duplicate`: 202, stored by an earlier call. `refused`: an answer
 * that says nothing was taken. `unknown`: no answer; it may be stored or not.
 */
export type CallOutcome = 'ok' | 'duplicate' | 'refused' | 'unknown';

/** A line of the publisher's ledger. */
export interface Call {
  eventId: string;
  /** Where it went. */
  url: string;
  outcome: CallOutcome;
  status: number | null;
  /** In seconds, where the answer asked for it. */
  retryAfterS: number | null;
  startedAt: number;
  ms: number;
}

export interface EventToSend {
  eventType: string;
  eventId: string;
  data: unknown;
  orderingKey?: string;
}

/** To each server, unless a test wants to see how long each of many calls takes by itself. */
const CONNECTIONS = 64;
/** No answer in so long is none. */
const ANSWER_MS_MAX = 15_000;
/** The wait before it is published again, unless the server said for how long, doubles from the one to the other. */
const AGAIN_MS_MIN = 50;
const AGAIN_MS_MAX = 400;

/**
 * A publisher as they should be: each event has an id of its own, and whatever was refused or not answered is
 * published again under the same one until the server says that it has it.
 */
export class Publisher {
  /** Every call, in order of its end. */
  readonly calls: Call[] = [];
  readonly #access: () => ApiAccess | Promise<ApiAccess>;
  readonly #agent: Agent;
  #isStopped = false;

  /**
   * `access` is asked before every call: a server that was started again listens elsewhere. While it promises one,
   * nothing is called: thousands of refused connections would say nothing, and slow down everything else.
   */
  constructor(access: () => ApiAccess | Promise<ApiAccess>, connections = CONNECTIONS) {
    this.#access = access;
    this.#agent = new Agent({ connections, headersTimeout: ANSWER_MS_MAX, pipelining: 1 });
  }

  /** How many calls had this outcome. */
  count(outcome: CallOutcome): number {
    return this.calls.filter((call) => call.outcome === outcome).length;
  }

  /** One call, whatever comes of it. */
  async publishOnce(event: EventToSend): Promise<Call> {
    const { url, token, workspaceId } = await this.#access();
    const call: Call = {
      eventId: event.eventId,
      url,
      outcome: 'unknown',
      status: null,
      retryAfterS: null,
      startedAt: Date.now(),
      ms: 0,
    };
    try {
      const answer = await request(`${url}/api/v1/events`, {
        dispatcher: this.#agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'x-workspace-id': workspaceId,
          'content-type': 'application/json',
        },
        body: JSON.stringify(event),
      });
      // The status alone is not enough: only a whole answer says what was stored.
      const body = (await answer.body.json()) as { data?: { event?: { duplicate?: boolean } } };
      call.status = answer.statusCode;
      call.retryAfterS = Number(answer.headers['retry-after'] ?? Number.NaN) || null;
      if (answer.statusCode !== 202) call.outcome = 'refused';
      else call.outcome = body.data?.event?.duplicate === true ? 'duplicate' : 'ok';
    } catch {
      call.outcome = 'unknown';
    }
    call.ms = Date.now() - call.startedAt;
    this.calls.push(call);
    return call;
  }

  /** Calls until the server has the event, or this publisher is stopped; whether it has. */
  async publish(event: EventToSend): Promise<boolean> {
    for (let againMs = AGAIN_MS_MIN; !this.#isStopped; againMs = Math.min(againMs * 2, AGAIN_MS_MAX)) {
      const { outcome, retryAfterS } = await this.publishOnce(event);
      if (outcome === 'ok' || outcome === 'duplicate') return true;
      await wait(retryAfterS === null ? againMs : retryAfterS * 1000);
    }
    return false;
  }

  /**
   * Publishes at a rate, whether answered or not, until `isOver`; resolves when the server has every event. Events
   * come from `make`, which gets 0, 1, 2, …
   */
  async atRate(
    perSecond: number,
    make: (n: number) => EventToSend,
    isOver: () => boolean,
  ): Promise<string[]> {
    const startedAt = performance.now();
    const publishing: Promise<boolean>[] = [];
    const eventIds: string[] = [];
    while (!isOver()) {
      const owed = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
      while (eventIds.length < owed) {
        const event = make(eventIds.length);
        eventIds.push(event.eventId);
        publishing.push(this.publish(event));
      }
      await wait(2);
    }
    await Promise.all(publishing);
    return eventIds;
  }

  /** Publishes `count` events, `concurrency` at a time; resolves when the server has them all. */
  async all(count: number, concurrency: number, make: (n: number) => EventToSend): Promise<string[]> {
    const eventIds: string[] = [];
    const work = async (): Promise<void> => {
      while (eventIds.length < count) {
        const event = make(eventIds.length);
        eventIds.push(event.eventId);
        await this.publish(event);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    return eventIds;
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    await this.#agent.destroy();
  }
}
