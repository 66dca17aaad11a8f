import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AttemptOrder, AttemptResult, Dispatcher } from './attempt-order.ts';
import { type Batch, BATCH_BYTES_MAX, packOrders, unpackResults } from './batch.ts';
import type { DispatchOptions } from './local-dispatcher.ts';

/** What the worker is started with and told: nothing but batches of orders. */
export interface WorkerDispatcherOptions extends DispatchOptions {
  /**
   * Called when the worker ends though nobody closed it. What it was doing is lost and will never be reported; the
   * process is to end, so that its successor attempts those deliveries again.
   */
  onDeath(error: Error): void;
}

/** Makes the dispatcher of the application: attempts in a thread of their own, beside API and store. */
export function createDispatcher(options: WorkerDispatcherOptions): Dispatcher {
  return new WorkerDispatcher(options);
}

/** Runs a `LocalDispatcher` in a worker. Few and large messages: all orders of a turn of the event loop go together. */
class WorkerDispatcher implements Dispatcher {
  readonly #worker: Worker;
  #orders: AttemptOrder[] = [];
  #isClosed = false;

  constructor(options: WorkerDispatcherOptions) {
    const { userAgent, allowNetworks, allowHosts, dnsServers, extraCa, failpoint, onDeath } = options;
    // Named one by one: callers hand over all of their settings, keys and tokens among them.
    const workerData: DispatchOptions = {
      userAgent,
      allowNetworks,
      allowHosts,
      dnsServers,
      extraCa,
      failpoint,
    };
    // The same file name with the extension of this one: `.ts` from the sources, `.js` when compiled.
    const entry = new URL(`./dispatch-worker${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(entry, { workerData, name: 'dispatch' });
    let cause: Error | undefined;
    this.#worker.on('error', (error: Error) => {
      cause = error;
    });
    this.#worker.on('exit', (code) => {
      if (!this.#isClosed) onDeath(new Error(`The dispatch worker ended (exit code ${code}).`, { cause }));
    });
  }

  dispatch(orders: readonly AttemptOrder[]): void {
    if (orders.length === 0 || this.#isClosed) return;
    if (this.#orders.length === 0) setImmediate(() => this.#send());
    this.#orders.push(...orders);
  }

  onResults(listener: (results: readonly AttemptResult[]) => void): void {
    this.#worker.on('message', (batch: Batch<AttemptResult>) => {
      if (!this.#isClosed) listener(unpackResults(batch));
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker.terminate();
  }

  #send(): void {
    const orders = this.#orders;
    this.#orders = [];
    if (this.#isClosed) return;
    let first = 0;
    let bytes = 0;
    for (const [index, order] of orders.entries()) {
      if (index > first && bytes + order.body.length > BATCH_BYTES_MAX) {
        this.#post(orders.slice(first, index));
        first = index;
        bytes = 0;
      }
      bytes += order.body.length;
    }
    this.#post(orders.slice(first));
  }

  #post(orders: readonly AttemptOrder[]): void {
    const batch = packOrders(orders);
    this.#worker.postMessage(batch, [batch.bytes]);
  }
}
