import { scanMembers } from './json-members.ts';

/** `data` may be this large unless the operator says otherwise. */
export const DATA_BYTES_MAX_DEFAULT = 256 * 1024;

/** What made an event. Only `published` events count as the customer's own. */
export type EventOrigin = 'published' | 'test' | 'operational';

/** Of those that a filter kept an event from, so many are named: an event's row must not grow with the workspace. */
export const FILTERED_IDS_MAX = 20;

/** The subscriptions that name an event's type and have a filter that it did not match. */
export interface FilteredOut {
  count: number;
  /** Of the first {@link FILTERED_IDS_MAX}. */
  subscriptionIds: string[];
}

/** The envelope's fields but `data`. */
export interface EventHeader {
  eventId: string;
  eventType: string;
  /** ISO 8601, UTC, with milliseconds. */
  timestamp: string;
  workspaceId: string;
}

/**
 * Builds the body every receiver of the event gets, in every attempt and every replay. `data` is copied as the
 * bytes it came in: a parser would change big integers, decimals, the order of keys and duplicates of them.
 * The header's fields need no escaping: their grammars have no quote, backslash or control character.
 */
export function buildBody(header: EventHeader, data: Uint8Array): Uint8Array {
  const head =
    `{"eventId":"${header.eventId}","eventType":"${header.eventType}",` +
    `"timestamp":"${header.timestamp}","workspaceId":"${header.workspaceId}","data":`;
  const body = Buffer.allocUnsafeSlow(head.length + data.length + 1);
  body.write(head, 0, 'latin1');
  body.set(data, head.length);
  body[body.length - 1] = 0x7d;
  return body;
}

/** The text of `data` inside a body made by {@link buildBody}, whose size is not at hand. */
export function dataTextOf(body: Uint8Array): string {
  const scan = scanMembers(body);
  const data = scan.kind === 'object' ? scan.members.find(({ key }) => key === 'data') : undefined;
  if (data === undefined) throw new Error('This is no body of an event.');
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8', data.start, data.end);
}

/** What stands for the `data` of an event whose payload was erased. */
export const ERASED_DATA: Uint8Array = Buffer.from('{}');

/** The body of {@link buildBody} with {@link ERASED_DATA} in place of its `data`: everything else stays, byte for byte. */
export function withoutData(body: Uint8Array, dataBytes: number): Uint8Array {
  const erased = Buffer.concat([
    body.subarray(0, body.length - 1 - dataBytes),
    ERASED_DATA,
    body.subarray(-1),
  ]);
  return new Uint8Array(erased);
}

/** The bytes of `data` inside a body made by {@link buildBody}; a view, not a copy. */
export function dataOf(body: Uint8Array, dataBytes: number): Uint8Array {
  return body.subarray(body.length - 1 - dataBytes, body.length - 1);
}
