/** What is wrong with one field. */
export interface Mistake {
  path: string;
  message: string;
}

/** What an answer says that is not a success; `cause` where there was no answer. */
export class VelahookError extends Error {
  override readonly name = 'VelahookError';
  /** HTTP's status; 0 when no answer came. */
  readonly status: number;
  /** Of the API's codes, or `NO_ANSWER`, or `BAD_ANSWER` for what is not the API's. */
  readonly code: string;
  /** Of a 422: everything that is wrong, at once. */
  readonly mistakes: readonly Mistake[];
  /** To be named when asking the operators of the server. */
  readonly requestId: string | null;
  /** Of a 429 or 503: after so many seconds it may be tried again. */
  readonly retryAfterS: number | null;

  constructor(
    message: string,
    about: {
      status: number;
      code: string;
      mistakes?: readonly Mistake[];
      requestId?: string | null;
      retryAfterS?: number | null;
      cause?: unknown;
    },
  ) {
    super(message, { cause: about.cause });
    this.status = about.status;
    this.code = about.code;
    this.mistakes = about.mistakes ?? [];
    this.requestId = about.requestId ?? null;
    this.retryAfterS = about.retryAfterS ?? null;
  }

  /** Reads the answer of a call that did not succeed; what is not the API's own says which status it was. */
  static async of(response: Response): Promise<VelahookError> {
    try {
      const { error } = (await response.json()) as {
        error: { code: string; message: string; details?: { errors?: Mistake[] } };
      };
      return new VelahookError(error.message, {
        ...aboutOf(response),
        code: error.code,
        mistakes: error.details?.errors ?? [],
      });
    } catch (cause) {
      return VelahookError.unreadable(response, cause);
    }
  }

  /** Of an answer that is not the API's, or broke off: what was asked for may have been done. */
  static unreadable(response: Response, cause: unknown): VelahookError {
    const message = `The server answered ${response.status}, but not as Velahook does, or not to the end: is a proxy in between?`;
    return new VelahookError(message, { ...aboutOf(response), code: 'BAD_ANSWER', cause });
  }
}

function aboutOf({ status, headers }: Response) {
  return {
    status,
    requestId: headers.get('x-request-id'),
    retryAfterS: secondsOf(headers.get('retry-after')),
  };
}

function secondsOf(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : null;
}
