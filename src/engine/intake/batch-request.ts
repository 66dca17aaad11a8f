import { setImmediate as nextTurn } from 'node:timers/promises';
import { invalid, Refusal } from '../../domain/errors.ts';
import { scanElements } from '../../domain/json-members.ts';
import { quotable, readJsonObject } from '../../domain/json-object.ts';
import type { PublishRequest, PublishRules } from './publish-request.ts';
import { readPublishRequest } from './publish-request.ts';

/** Two group commits: the answer to the last of them does not wait for long. */
export const BATCH_EVENTS_MAX = 1_000;
/** Reading so much takes some 50 ms, in which nobody else is answered. */
export const BATCH_BYTES_MAX = 5 * 1024 * 1024;

const OPEN_BRACE = 0x7b;

/** One event of a batch: what is to be published, or what is wrong with it. */
export type BatchItem = PublishRequest | Refusal;

/**
 * Reads `{"events": […]}`: each event as {@link readPublishRequest} reads one, `data` byte for byte; one that is wrong
 * is a `Refusal` in its place. Rejects with a `Refusal` for what is wrong with the whole: 400 for what is not JSON, 422 for
 * no list, an empty one or more than {@link BATCH_EVENTS_MAX} events.
 */
export async function readBatchRequest(bytes: Uint8Array, rules: PublishRules): Promise<BatchItem[]> {
  // Each event has its own limit: one that is nested too deep is to spoil no other. No text is deeper than it is long.
  const depthMax = bytes.length;
  const members = readJsonObject(bytes, depthMax);
  const others = members.filter(({ key }) => key !== 'events');
  const mistakes = others.map(({ key }) => ({
    path: quotable(key),
    message: 'is not a field of this request',
  }));
  const events = members.find(({ key }) => key === 'events');
  const list = events && bytes.subarray(events.start, events.end);
  const spans = list && scanElements(list, BATCH_EVENTS_MAX, depthMax);
  const isRightSize = spans && spans.length > 0 && spans.length <= BATCH_EVENTS_MAX;
  if (!isRightSize) {
    const message = `must be a list of 1 to ${BATCH_EVENTS_MAX} events`;
    mistakes.unshift({ path: 'events', message: events ? message : `is required and ${message}` });
  }
  if (!list || !spans || mistakes.length > 0) throw invalid(mistakes);
  const items: BatchItem[] = [];
  for (const { start, end } of spans) {
    items.push(readItem(list.subarray(start, end), rules));
    // Checking one event with a schema may take some milliseconds: others are answered in between.
    if (rules.checkData) await nextTurn();
  }
  return items;
}

function readItem(bytes: Uint8Array, rules: PublishRules): BatchItem {
  try {
    if (bytes[0] !== OPEN_BRACE) throw invalid([{ path: 'event', message: 'must be a JSON object' }]);
    return readPublishRequest(bytes, rules);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
