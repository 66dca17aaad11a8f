import type { Velahook } from './client.ts';
import { VelahookError } from './error.ts';

/** One message of the live stream: its kind is the server's (`event`, `attempt`, `delivery`, `gap`, …). */
export interface StreamMessage {
  id: string | null;
  kind: string;
  data: Record<string, unknown>;
}

export interface StreamOptions {
  /** Kinds, separated by commas; default: all that may be read. */
  kinds?: string;
  /** Event types and patterns, separated by commas. */
  eventTypes?: string;
  subscriptionId?: string;
  /** Ends it. */
  signal: AbortSignal;
  /** Told when the stream is there, and when it was lost. */
  onState?: (state: 'open' | 'lost') => void;
  /** A connection that is silent for so long, in milliseconds, is made anew; default 45,000. */
  silenceMs?: number;
}

/** Three of the server's heartbeats, one each 15 seconds: of a peer that is gone nothing else tells, not even an error. */
const SILENCE_MS = 45_000;
/** Between two tries to come back: twice as long each time. */
const WAIT_MS = { min: 500, max: 15_000 } as const;

/**
 * The live stream, for as long as it is listened to: a connection that was lost is made again, and goes on behind the last
 * message that was seen. Ends when `signal` does, or when the loop over it is left; rejects when the server refuses it for
 * good (400, 401, 403, 404).
 */
export async function* openStream(client: Velahook, options: StreamOptions): AsyncGenerator<StreamMessage> {
  const { signal, onState } = options;
  let lastId: string | null = null;
  let waitMs: number = WAIT_MS.min;
  while (!signal.aborted) {
    try {
      for await (const message of readOnce(client, options, lastId)) {
        waitMs = WAIT_MS.min;
        lastId = message.id ?? lastId;
        if (message.kind !== '') yield message;
      }
    } catch (error) {
      if (isFinal(error)) throw error;
    }
    if (signal.aborted) return;
    onState?.('lost');
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, WAIT_MS.max);
  }
}

/** One connection, which is closed however its reading ends. */
async function* readOnce(
  client: Velahook,
  { kinds, eventTypes, subscriptionId, signal, onState, silenceMs = SILENCE_MS }: StreamOptions,
  lastId: string | null,
): AsyncGenerator<StreamMessage> {
  const search = new URLSearchParams(
    Object.entries({ kinds, eventTypes, subscriptionId }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  const connection = new AbortController();
  // Only what the server takes counts, not what whoever listens does between two messages.
  const answered = <T>(wait: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => connection.abort(), silenceMs);
    return wait.finally(() => clearTimeout(timer));
  };
  try {
    const response = await answered(
      client.send('GET', `/api/v1/stream?${search.toString()}`, {
        headers: { accept: 'text/event-stream', ...(lastId !== null && { 'last-event-id': lastId }) },
        signal: AbortSignal.any([signal, connection.signal]),
        isEndless: true,
      }),
    );
    if (!isStream(response)) throw await answered(VelahookError.of(response));
    onState?.('open');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await answered(reader.read());
      if (done) return;
      const blocks = (text + value).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) yield messageOf(block);
    }
  } finally {
    connection.abort();
  }
}

/** A proxy's page, though it says 200, is none. */
function isStream(response: Response): response is Response & { body: NonNullable<Response['body']> } {
  const type = response.headers.get('content-type') ?? '';
  return response.ok && response.body !== null && type.startsWith('text/event-stream');
}

/** A block without data tells a number only: its kind is empty. */
function messageOf(block: string): StreamMessage {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 2));
  }
  const data = fields.get('data');
  return {
    id: fields.get('id') ?? null,
    kind: data === undefined ? '' : (fields.get('event') ?? 'message'),
    data: data === undefined ? {} : (JSON.parse(data) as Record<string, unknown>),
  };
}

function isFinal(error: unknown): boolean {
  return error instanceof VelahookError && [400, 401, 403, 404].includes(error.status);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
