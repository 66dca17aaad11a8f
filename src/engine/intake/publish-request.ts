import type { Mistake } from '../../domain/errors.ts';
import { invalid, Refusal } from '../../domain/errors.ts';
import type { EventTypeJudge } from '../../domain/event-type.ts';
import { GIVEN_EVENT_ID_FORM } from '../../domain/ids.ts';
import type { JsonMember } from '../../domain/json-members.ts';
import { quotable, readJsonObject } from '../../domain/json-object.ts';
import { normaliseTimestamp, TIMESTAMP_RULE } from '../../domain/timestamp.ts';

/** What surrounds `data` in a publish request: the other fields, and room for generous white space. */
export const ENVELOPE_BYTES_MAX = 16 * 1024;

/** Printable ASCII: it is compared byte by byte, and two spellings of one Unicode text would be two keys. */
const ORDERING_KEY_FORM = /^[\x20-\x7e]{1,128}$/;

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;

/** What a client asked to be published, checked; `data` is a copy of its own, byte for byte. */
export interface PublishRequest {
  eventType: string;
  data: Uint8Array;
  eventId?: string;
  timestamp?: string;
  orderingKey?: string;
  warnings: string[];
}

/** What a client asked to be sent as a test; what is missing is made up by the caller. */
export interface TestRequest {
  eventType?: string;
  data?: Uint8Array;
  warnings: string[];
}

export interface PublishRules {
  dataBytesMax: number;
  judge: EventTypeJudge;
  /** Checks `data` with the schema of its type; missing where the workspace has nothing checked. */
  checkData?: (eventType: string, data: Uint8Array) => DataFindings | undefined;
}

/** What a schema found: mistakes refuse the event, warnings go with the answer. */
export interface DataFindings {
  mistakes: readonly Mistake[];
  warnings: readonly string[];
}

/**
 * Reads a publish request without building `data`: the fields are found by position, `data` is cut out, the few
 * others are read. Throws a `Refusal`: 400 for what is not a JSON object in UTF-8 or has a field twice, 413 for
 * `data` over the limit, 422 with every other mistake at once.
 */
export function readPublishRequest(bytes: Uint8Array, rules: PublishRules): PublishRequest {
  const envelope = new Envelope(bytes);
  const eventType = envelope.takeString('eventType');
  const data = envelope.takeData(rules.dataBytesMax);
  const eventId = envelope.takeString('eventId');
  const timestamp = envelope.takeString('timestamp');
  const orderingKey = envelope.takeString('orderingKey');
  const { mistakes } = envelope;
  const verdict = eventType === undefined ? undefined : rules.judge.judgeEventType(eventType);
  if (verdict?.mistake !== undefined) mistakes.push({ path: 'eventType', message: verdict.mistake });
  if (!envelope.has('eventType')) mistakes.push({ path: 'eventType', message: 'is required' });
  if (!envelope.has('data')) mistakes.push({ path: 'data', message: 'is required: a JSON object' });
  if (eventId !== undefined && !GIVEN_EVENT_ID_FORM.test(eventId)) {
    mistakes.push({ path: 'eventId', message: 'must be 1 to 64 of A-Z, a-z, 0-9, _ and -' });
  }
  const instant = timestamp === undefined ? undefined : normaliseTimestamp(timestamp);
  if (timestamp !== undefined && instant === undefined) {
    mistakes.push({ path: 'timestamp', message: TIMESTAMP_RULE });
  }
  if (orderingKey !== undefined && !ORDERING_KEY_FORM.test(orderingKey)) {
    mistakes.push({ path: 'orderingKey', message: 'must be 1 to 128 printable ASCII characters' });
  }
  envelope.refuseOthers();
  const found = eventType === undefined || !data ? undefined : rules.checkData?.(eventType, data);
  if (found) mistakes.push(...found.mistakes);
  if (mistakes.length > 0 || eventType === undefined || data === undefined) throw invalid(mistakes);
  return {
    eventType,
    data,
    ...(eventId !== undefined && { eventId }),
    ...(instant !== undefined && { timestamp: instant }),
    ...(orderingKey !== undefined && { orderingKey }),
    warnings: [...(verdict?.warning === undefined ? [] : [verdict.warning]), ...(found?.warnings ?? [])],
  };
}

/** Reads the body of a request for a test event, which may be missing altogether. Throws as above. */
export function readTestRequest(bytes: Uint8Array | undefined, rules: PublishRules): TestRequest {
  if (bytes === undefined || bytes.length === 0) return { warnings: [] };
  const envelope = new Envelope(bytes);
  const eventType = envelope.takeString('eventType');
  const data = envelope.takeData(rules.dataBytesMax);
  const entry = eventType?.includes('*') === true;
  const verdict = eventType === undefined ? undefined : rules.judge.judgeEntry(eventType);
  const mistake = entry ? 'must be an event type, not a pattern' : verdict?.mistake;
  if (mistake !== undefined) envelope.mistakes.push({ path: 'eventType', message: mistake });
  envelope.refuseOthers();
  if (envelope.mistakes.length > 0) throw invalid(envelope.mistakes);
  return {
    ...(eventType !== undefined && { eventType }),
    ...(data !== undefined && { data }),
    warnings: verdict?.warning === undefined ? [] : [verdict.warning],
  };
}

/** The fields of a request body, each taken once; what is wrong with them collects in `mistakes`. */
class Envelope {
  readonly mistakes: Mistake[] = [];
  readonly #bytes: Buffer;
  readonly #members: readonly JsonMember[];
  readonly #taken = new Set<string>();

  constructor(bytes: Uint8Array) {
    this.#members = readJsonObject(bytes);
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  has(key: string): boolean {
    return this.#members.some((member) => member.key === key);
  }

  /** The string, or undefined when it is missing or (a mistake) something else. */
  takeString(key: string): string | undefined {
    const member = this.#take(key);
    if (member === undefined) return undefined;
    if (this.#bytes[member.start] !== QUOTE) {
      this.mistakes.push({ path: key, message: 'must be a string' });
      return undefined;
    }
    return JSON.parse(this.#bytes.toString('utf8', member.start, member.end)) as string;
  }

  /** The bytes of `data`, copied out of the request's buffer: the rest of that must not be kept alive by it. */
  takeData(bytesMax: number): Uint8Array | undefined {
    const member = this.#take('data');
    if (member === undefined) return undefined;
    if (this.#bytes[member.start] !== OPEN_BRACE) {
      this.mistakes.push({ path: 'data', message: 'must be a JSON object' });
      return undefined;
    }
    const length = member.end - member.start;
    if (length > bytesMax) {
      throw new Refusal(
        'PAYLOAD_TOO_LARGE',
        `data is ${length} bytes; at most ${bytesMax} are taken. Send a reference to large content instead.`,
      );
    }
    const data = new Uint8Array(length);
    data.set(this.#bytes.subarray(member.start, member.end));
    return data;
  }

  /** A field nobody took is a mistake: it was misspelt, or expected to do something. */
  refuseOthers(): void {
    for (const { key } of this.#members) {
      if (!this.#taken.has(key))
        this.mistakes.push({ path: quotable(key), message: 'is not a field of this request' });
    }
  }

  #take(key: string): JsonMember | undefined {
    this.#taken.add(key);
    return this.#members.find((member) => member.key === key);
  }
}
