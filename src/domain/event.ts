/** `data` may be this large unless the operator says otherwise. */
export const DATA_BYTES_MAX_DEFAULT = 256 * 1024;

/** What made an event. Only `published` events count as the customer's own. */
export type EventOrigin = 'published' | 'test' | 'operational';

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

/** The bytes of `data` inside a body made by {@link buildBody}; a view, not a copy. */
export function dataOf(body: Uint8Array, dataBytes: number): Uint8Array {
  return body.subarray(body.length - 1 - dataBytes, body.length - 1);
}
