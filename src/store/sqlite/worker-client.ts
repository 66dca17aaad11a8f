import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../store.ts';
import type { CallName } from './calls.ts';
import type { Answer, Call, WorkerMessage } from './packet.ts';
import { pack } from './packet.ts';
import { receiveError } from './sqlite-errors.ts';

/**
 * One packet being worked on and one waiting, so that the worker never waits for us; all further calls wait here
 * and go together.
 */
const PACKETS_IN_FLIGHT_MAX = 2;
/** Bounds a group, so that the first call of many does not wait for the last one's work. */
const CALLS_PER_PACKET_MAX = 500;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The near side of a worker thread: calls go out in packets, in order, and come back as promises. */
export class WorkerClient {
  readonly #worker: Worker;
  readonly #onDeath: (error: Error) => void;
  readonly #answersDue = new Map<number, Waiting>();
  /** How many calls of each packet under way are unanswered. */
  readonly #packets: number[] = [];
  readonly #outgoing: Call[] = [];
  #flushScheduled = false;
  #nextId = 1;
  #ending: 'no' | 'closing' | 'ended' = 'no';

  private constructor(worker: Worker, onDeath: (error: Error) => void) {
    this.#worker = worker;
    this.#onDeath = onDeath;
    worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#end(new Error(`A store thread ended with code ${code}.`)));
    worker.on('messageerror', (error) => this.#end(error));
  }

  /**
   * Starts a worker whose entry is `name` beside this file, as source or compiled; resolves when it has opened the
   * store, rejects when it refused to. `onDeath` is called if it ends later without having been closed.
   */
  static async start(
    name: string,
    workerData: unknown,
    onDeath: (error: Error) => void,
  ): Promise<WorkerClient> {
    const entry = new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(entry, { workerData, name: `velahook ${name}` });
    const [message] = (await once(worker, 'message')) as [WorkerMessage];
    if (message.kind === 'refused') {
      await worker.terminate();
      throw receiveError(message.error);
    }
    const client = new WorkerClient(worker, onDeath);
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'answers') client.#receive(message.answers);
    });
    return client;
  }

  call(name: CallName, args: unknown[]): Promise<unknown> {
    if (this.#ending !== 'no') return Promise.reject(new StoreUnavailable('The store is closed.'));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#answersDue.set(id, { resolve, reject });
      this.#outgoing.push({ id, name, args });
      this.#scheduleFlush();
    });
  }

  /** Resolves when every call made so far is answered and the worker has closed its connection. */
  async close(): Promise<void> {
    if (this.#ending !== 'no') return;
    this.#ending = 'closing';
    const exited = once(this.#worker, 'exit');
    while (this.#outgoing.length > 0) this.#send();
    this.#worker.postMessage('close');
    await exited;
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#outgoing.length > 0 && this.#packets.length < PACKETS_IN_FLIGHT_MAX) this.#send();
  }

  #send(): void {
    const calls = this.#outgoing.splice(0, CALLS_PER_PACKET_MAX);
    const packet = pack(calls);
    this.#packets.push(calls.length);
    this.#worker.postMessage(packet, [packet.bytes.buffer]);
  }

  #receive(answers: readonly Answer[]): void {
    this.#countOff(answers.length);
    this.#flush();
    for (const answer of answers) {
      const waiting = this.#answersDue.get(answer.id);
      this.#answersDue.delete(answer.id);
      if ('error' in answer) waiting?.reject(receiveError(answer.error));
      else waiting?.resolve(answer.value);
    }
  }

  /** Answers come in the order of the calls, but a group of the worker may end inside a packet. */
  #countOff(answered: number): void {
    let left = answered;
    while (left > 0 && this.#packets[0] !== undefined) {
      const counted = Math.min(left, this.#packets[0]);
      left -= counted;
      this.#packets[0] -= counted;
      if (this.#packets[0] === 0) this.#packets.shift();
    }
  }

  #end(error: Error): void {
    if (this.#ending === 'ended') return;
    const expected = this.#ending === 'closing';
    this.#ending = 'ended';
    const unanswered = [...this.#answersDue.values()];
    this.#answersDue.clear();
    for (const waiting of unanswered) {
      waiting.reject(new StoreUnavailable(`A store thread ended: ${error.message}`, { cause: error }));
    }
    if (!expected) this.#onDeath(error);
  }
}
