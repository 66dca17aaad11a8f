import type { ErrorCode, Mistake } from '../domain/errors.ts';
import { ERROR_STATUS, Refusal } from '../domain/errors.ts';
import { StoreUnavailable } from '../store/store.ts';

/** What every failed request answers. */
export interface FailureBody {
  success: false;
  error: {
    code: ErrorCode;
    message: string;
    details?: { errors: Mistake[] };
  };
}

/** A failure as it goes out. */
export interface Failure {
  status: number;
  headers: Record<string, string>;
  body: FailureBody;
  /** It is ours: to be logged, with what caused it. */
  isOurs: boolean;
}

/** A client that sent thousands of mistakes does not read thousands. */
const MISTAKES_TOLD_MAX = 100;
/** The store is asked again soon: most of what stops it is over in a moment. */
const STORE_RETRY_AFTER_S = 2;

/** What Fastify says by code, as we say it. */
const FRAMEWORK_REFUSALS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'The body is larger than this request may be.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['BAD_REQUEST', 'Send the body as application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['BAD_REQUEST', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: ['BAD_REQUEST', 'The path is not a valid percent-encoded path.'],
};

/** Turns whatever was thrown into what a client may see: never a stack, never another program's words. */
export function failureOf(error: unknown, requestId: string): Failure {
  const refusal = refusalOf(error);
  if (refusal === undefined) {
    const message = `Something went wrong on our side. When you report it, quote the request id ${requestId}.`;
    return { ...failure('INTERNAL_ERROR', message), isOurs: true };
  }
  const answer = failure(refusal.code, refusal.message);
  if (refusal.mistakes !== undefined) {
    answer.body.error.details = { errors: refusal.mistakes.slice(0, MISTAKES_TOLD_MAX) };
  }
  if (refusal.retryAfterS !== undefined) answer.headers['retry-after'] = String(refusal.retryAfterS);
  if (refusal.code === 'UNAUTHORIZED') answer.headers['www-authenticate'] = 'Bearer';
  return { ...answer, isOurs: refusal.code === 'INTERNAL_ERROR' };
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreUnavailable) {
    return new Refusal(
      'UNAVAILABLE',
      'The store does not answer right now. Try again; a change may have been made all the same.',
      {
        retryAfterS: STORE_RETRY_AFTER_S,
        cause: error,
      },
    );
  }
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  const known = FRAMEWORK_REFUSALS[String(code)];
  if (known !== undefined) return new Refusal(known[0], known[1], { cause: error });
  // The rest of what Fastify blames on the client: an aborted body, a broken framing.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new Refusal('BAD_REQUEST', 'The request could not be read.', { cause: error });
  }
  return undefined;
}

function failure(code: ErrorCode, message: string): Omit<Failure, 'isOurs'> {
  return { status: ERROR_STATUS[code], headers: {}, body: { success: false, error: { code, message } } };
}
