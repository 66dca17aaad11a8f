import { parentPort, workerData } from 'node:worker_threads';
import type { AttemptOrder } from './attempt-order.ts';
import { type Batch, packResults, unpackOrders } from './batch.ts';
import { type DispatchOptions, LocalDispatcher } from './local-dispatcher.ts';

// The entry of the dispatch worker. Whatever is thrown here ends the thread, and with it the process.
const port = parentPort;
if (port === null) throw new Error('dispatch-worker is started as a worker');

const dispatcher = new LocalDispatcher(workerData as DispatchOptions);
dispatcher.onResults((results) => {
  const batch = packResults(results);
  port.postMessage(batch, [batch.bytes]);
});
port.on('message', (batch: Batch<AttemptOrder>) => dispatcher.dispatch(unpackOrders(batch)));
