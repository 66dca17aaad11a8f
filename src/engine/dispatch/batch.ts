import type { AttemptOrder, AttemptResult } from './attempt-order.ts';

/**
 * Orders and results as they cross between threads: the texts as one JSON text, which costs a third of cloning the objects,
 * and the bytes of all of them in one buffer, which is handed over without a copy.
 */
export interface Batch {
  text: string;
  bytes: ArrayBuffer;
  /** Start and end in `bytes` of each one's piece in turn; -1 where there is none. */
  spans: number[];
}

/**
 * Bytes in one batch, beyond a first body of whatever size. A batch's memory is held until the last of its attempts
 * ends, so that one receiver that hangs may hold this much besides its own body.
 */
export const BATCH_BYTES_MAX = 256 * 1024;

export function packOrders(orders: readonly AttemptOrder[]): Batch {
  const bytes = packBytes(orders.map((order) => order.body));
  return { text: JSON.stringify(orders.map((order) => ({ ...order, body: undefined }))), ...bytes };
}

export function unpackOrders(batch: Batch): AttemptOrder[] {
  const orders = JSON.parse(batch.text) as AttemptOrder[];
  for (const [index, order] of orders.entries()) order.body = piece(batch, index) ?? new Uint8Array(0);
  return orders;
}

export function packResults(results: readonly AttemptResult[]): Batch {
  const bytes = packBytes(results.map((result) => (result.kind === 'made' ? result.responseBody : null)));
  const text = JSON.stringify(
    results.map((result) => (result.kind === 'made' ? { ...result, responseBody: undefined } : result)),
  );
  return { text, ...bytes };
}

export function unpackResults(batch: Batch): AttemptResult[] {
  const results = JSON.parse(batch.text) as AttemptResult[];
  for (const [index, result] of results.entries()) {
    // Copied: a result lives on in the record's queue, and must not hold the bytes of its neighbours.
    if (result.kind === 'made') result.responseBody = piece(batch, index)?.slice() ?? null;
  }
  return results;
}

function packBytes(parts: readonly (Uint8Array | null)[]): Pick<Batch, 'bytes' | 'spans'> {
  const spans: number[] = [];
  let end = 0;
  let previous: Uint8Array | null = null;
  for (const part of parts) {
    // One event goes to many subscriptions, one after the other: its body is sent once.
    if (part === null) spans.push(-1, -1);
    else if (part === previous) spans.push(end - part.length, end);
    else spans.push(end, (end += part.length));
    if (part !== null) previous = part;
  }
  const bytes = new ArrayBuffer(end);
  const target = new Uint8Array(bytes);
  for (const [index, part] of parts.entries()) {
    if (part !== null && part !== parts[index - 1]) target.set(part, spans[index * 2]);
  }
  return { bytes, spans };
}

function piece(batch: Batch, index: number): Uint8Array | null {
  const start = batch.spans[index * 2] ?? -1;
  return start === -1
    ? null
    : new Uint8Array(batch.bytes, start, (batch.spans[index * 2 + 1] ?? start) - start);
}
