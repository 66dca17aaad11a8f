import { destination as createDestination, pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { Settings } from '../config/settings.ts';

export type Log = Logger;

/** What one log line may carry of a single text: others' words must not fill the disk. */
const TEXT_CHARS_MAX = 2_000;
const ENTRIES_MAX = 50;
const DEPTH_MAX = 4;
/** What waits for a reader of stdout that has stopped reading; past this, lines are dropped, deliveries are not. */
const BUFFER_BYTES_MAX = 4 * 1024 * 1024;

/** Names under which a secret may stand, at any depth. */
const SECRET_NAME = /authorization|cookie|secret|password|token$|^(?:encryption)?keys?$/i;
/** Tokens and generated signing secrets are known by their looks, wherever they turn up. */
const SECRET_FORM = /(sk_(?:live|test)_|whsec_)[A-Za-z0-9+/=_-]{8,}/g;
const REDACTED = '[redacted]';

/** Line ends to some viewers, control codes to terminals, and marks that turn text around. */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Makes the log: one JSON object per line, never a secret, never a text of unbounded length. Writing never
 * waits: a full pipe must not stop deliveries.
 */
export function createLog(level: Settings['logLevel'], stream: DestinationStream = stdout()): Log {
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      base: null,
      messageKey: 'message',
      formatters: {
        level: (label) => ({ level: label }),
        log: (entry) => tidyObject(entry, 0),
      },
      // Errors are told by our own formatter, as deep and long as everything else.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, method) {
          method.apply(
            this,
            args.map((each: unknown) => (typeof each === 'string' ? tidyText(each) : each)) as typeof args,
          );
        },
      },
    },
    stream,
  );
}

function stdout(): DestinationStream {
  return createDestination({ dest: 1, sync: false, maxLength: BUFFER_BYTES_MAX });
}

function tidy(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return tidyText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return '[deeper]';
  if (value instanceof Error) return tidyError(value, depth);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((each) => tidy(each, depth + 1));
  return tidyObject(value, depth);
}

function tidyObject(value: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(value).slice(0, ENTRIES_MAX);
  return Object.fromEntries(
    entries.map(([name, each]) => [
      tidyText(name),
      SECRET_NAME.test(name) && typeof each !== 'boolean' ? REDACTED : tidy(each, depth + 1),
    ]),
  );
}

function tidyError(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    message: tidyText(error.message),
    ...('code' in error && { code: tidy(error.code, depth + 1) }),
    ...(error.stack !== undefined && { stack: tidyText(error.stack) }),
    ...(error.cause !== undefined && { cause: tidy(error.cause, depth + 1) }),
  };
}

function tidyText(text: string): string {
  const cut =
    text.length <= TEXT_CHARS_MAX
      ? text
      : `${text.slice(0, TEXT_CHARS_MAX)}… (${text.length - TEXT_CHARS_MAX} more)`;
  return cut
    .replaceAll(SECRET_FORM, `$1${REDACTED}`)
    .replaceAll(UNSAFE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
