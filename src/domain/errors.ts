/** The codes a client sees, each with its HTTP status: the one catalogue of refusals. */
export const ERROR_STATUS = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  VALIDATION_ERROR: 422,
  TOO_MANY_REQUESTS: 429,
  INTERNAL_ERROR: 500,
  UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** One mistake in a request: where (`url`, `events[2]`) and what to do about it. */
export interface Mistake {
  path: string;
  message: string;
}

/**
 * A refusal a client is meant to see: its message says what to do. Anything else that is thrown is ours and
 * becomes an `INTERNAL_ERROR` without detail.
 */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly mistakes: readonly Mistake[] | undefined;
  /** Seconds, for 429 and 503. */
  readonly retryAfterS: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: { mistakes?: readonly Mistake[]; retryAfterS?: number; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Refusal';
    this.code = code;
    this.mistakes = more.mistakes;
    this.retryAfterS = more.retryAfterS;
  }
}

/** A 422 with every mistake found, in the order of the request. */
export function invalid(mistakes: readonly Mistake[]): Refusal {
  const first = mistakes[0];
  const more = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : '';
  const summary = first ? `${first.path}: ${first.message}${more}` : 'The request is invalid.';
  return new Refusal('VALIDATION_ERROR', summary, { mistakes });
}

/**
 * The token was let in as of a moment ago, and its workspace has been deleted since: answered as it will be from now
 * on, when the token is looked up again.
 */
export function workspaceDeleted(): Refusal {
  return new Refusal('UNAUTHORIZED', 'The workspace of this token was deleted, and the token with it.');
}
