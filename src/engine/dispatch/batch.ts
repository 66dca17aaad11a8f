import type { AttemptOrder, AttemptResult } from './attempt-order.ts';

/**
 * Orders or results as they cross between threads: their bytes all in one buffer, which is handed over without a
 * copy, since cloning each one's bytes costs as much as all the rest of it twice.
 */
export interface Batch<Item> {
  /** Without their bytes. */
  items: Item[];
  bytes: ArrayBuffer;
  /** Start and end in `bytes` of each one's piece in turn; -1 where there is none. */
  spans: number[];
}

/**
 * Bytes in one batch, beyond a first body of whatever size. A batch's memory is held until the last of its attempts
 * ends, so that one receiver that hangs may hold this much besides its own body.
 */
export const BATCH_BYTES_MAX = 256 * 1024;

const NO_BYTES = new Uint8Array(0);

export function packOrders(orders: readonly AttemptOrder[]): Batch<AttemptOrder> {
  const items = orders.map((order) => ({ ...order, body: NO_BYTES }));
  return { items, ...packBytes(orders.map((order) => order.body)) };
}

export function unpackOrders(batch: Batch<AttemptOrder>): AttemptOrder[] {
  for (const [index, order] of batch.items.entries()) order.body = piece(batch, index) ?? NO_BYTES;
  return batch.items;
}

export function packResults(results: readonly AttemptResult[]): Batch<AttemptResult> {
  const items = results.map((result) =>
    result.kind === 'made' ? { ...result, responseBody: null } : result,
  );
  return {
    items,
    ...packBytes(results.map((result) => (result.kind === 'made' ? result.responseBody : null))),
  };
}

export function unpackResults(batch: Batch<AttemptResult>): AttemptResult[] {
  for (const [index, result] of batch.items.entries()) {
    // Copied: a result lives on in the record's queue, and must not hold the bytes of its neighbours.
    if (result.kind === 'made') result.responseBody = piece(batch, index)?.slice() ?? null;
  }
  return batch.items;
}

function packBytes(parts: readonly (Uint8Array | null)[]): Omit<Batch<never>, 'items'> {
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

function piece(batch: Batch<unknown>, index: number): Uint8Array | null {
  const start = batch.spans[index * 2] ?? -1;
  return start === -1
    ? null
    : new Uint8Array(batch.bytes, start, (batch.spans[index * 2 + 1] ?? start) - start);
}
