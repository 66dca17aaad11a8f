import type { MessagePort } from 'node:worker_threads';
import { receiveMessageOnPort } from 'node:worker_threads';
import type { Answer, Call, Packet, WorkerMessage } from './packet.ts';
import { unpack } from './packet.ts';
import { sendError } from './sqlite-errors.ts';

/** What a worker thread serves: groups of calls, and an orderly end. */
export interface Service {
  execute(group: readonly Call[]): Answer[];
  close(): void;
}

/**
 * Opens a service and serves it on the port until told to close. All packets that wait when the service is free
 * become one group. An error that `execute` throws is left alone: it ends the thread, and with it the process.
 */
export function serve(port: MessagePort, open: () => Service): void {
  const send = (message: WorkerMessage): void => port.postMessage(message);
  let service: Service;
  try {
    service = open();
  } catch (error) {
    send({ kind: 'refused', error: sendError(error instanceof Error ? error : new Error(String(error))) });
    return;
  }
  port.on('message', (first: Packet | 'close') => {
    let message: Packet | 'close' | undefined = first;
    while (message !== undefined) {
      const group: Call[] = [];
      while (message !== undefined && message !== 'close') {
        group.push(...unpack(message));
        message = receiveMessageOnPort(port)?.message as Packet | 'close' | undefined;
      }
      if (group.length > 0) send({ kind: 'answers', answers: service.execute(group) });
      if (message === 'close') {
        service.close();
        port.close();
        return;
      }
      message = receiveMessageOnPort(port)?.message as Packet | 'close' | undefined;
    }
  });
  send({ kind: 'started' });
}
