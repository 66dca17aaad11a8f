import type { paths } from './api.gen.ts';
import { VelahookError } from './error.ts';

export type Method = 'get' | 'post' | 'patch' | 'delete';

/** Paths of the API, as its OpenAPI document has them, that take this method. */
export type PathsOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type Operation<M extends Method, P extends PathsOf<M>> = paths[P] extends Record<M, infer O> ? O : never;
type Parameters<O> = O extends { parameters: infer R } ? R : never;
type PathOf<O> = Parameters<O> extends { path: infer R } ? R : never;
type QueryOf<O> = Parameters<O> extends { query?: infer R } ? R : never;
type BodyOf<O> = O extends { requestBody?: infer B }
  ? NonNullable<B> extends { content: { 'application/json': infer R } }
    ? R
    : never
  : never;
type DataOf<R> = R extends { content: { 'application/json': infer J } }
  ? J extends { data: infer D }
    ? D
    : J
  : never;

/** `data` of the answer of a call that succeeded. */
export type Answer<M extends Method, P extends PathsOf<M>> =
  Operation<M, P> extends { responses: infer R }
    ? { [S in keyof R]: S extends 200 | 201 | 202 ? DataOf<R[S]> : never }[keyof R]
    : never;

/** The query that a call takes. */
export type Query<M extends Method, P extends PathsOf<M>> = Partial<NonNullable<QueryOf<Operation<M, P>>>>;

/** What a call takes; where its path has parameters, `path` is needed. */
export type CallOptions<O> = ([PathOf<O>] extends [never] ? { path?: never } : { path: PathOf<O> }) & {
  query?: [QueryOf<O>] extends [never] ? never : Partial<NonNullable<QueryOf<O>>>;
  body?: [BodyOf<O>] extends [never] ? never : BodyOf<O>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};
type Given<O> = [PathOf<O>] extends [never] ? [options?: CallOptions<O>] : [options: CallOptions<O>];

export interface ClientOptions {
  /** Where Velahook is: `https://hooks.example.com`. */
  baseUrl: string;
  /** A token of the workspace, or the admin token; left out by a page that has a session. */
  token?: string;
  /** Needed by all calls but the administrator's. */
  workspaceId?: string;
  /** Of a page with a session: sent with everything that changes something. */
  antiForgeryToken?: string;
  /** For the whole of a call, in milliseconds; default 30,000. */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

/** Longer than the server takes for anything. */
const TIMEOUT_MS = 30_000;

/**
 * Calls of the API, typed by its OpenAPI document:
 *
 *     const velahook = new Velahook({ baseUrl, token, workspaceId });
 *     const { delivery } = await velahook.get('/api/v1/deliveries/{id}', { path: { id } });
 *
 * A call resolves with `data` of the answer, or rejects with a {@link VelahookError}. Nothing is tried again by itself:
 * publishing is safe to repeat with the same `eventId`.
 */
export class Velahook {
  readonly options: ClientOptions;

  constructor(options: ClientOptions) {
    this.options = options;
  }

  get<P extends PathsOf<'get'>>(
    path: P,
    ...[options]: Given<Operation<'get', P>>
  ): Promise<Answer<'get', P>> {
    return this.#call('get', path, options);
  }

  post<P extends PathsOf<'post'>>(
    path: P,
    ...[options]: Given<Operation<'post', P>>
  ): Promise<Answer<'post', P>> {
    return this.#call('post', path, options);
  }

  patch<P extends PathsOf<'patch'>>(
    path: P,
    ...[options]: Given<Operation<'patch', P>>
  ): Promise<Answer<'patch', P>> {
    return this.#call('patch', path, options);
  }

  delete<P extends PathsOf<'delete'>>(
    path: P,
    ...[options]: Given<Operation<'delete', P>>
  ): Promise<Answer<'delete', P>> {
    return this.#call('delete', path, options);
  }

  /** Sends what is not one of the typed calls, with the same credentials; any answer resolves. */
  async send(method: string, target: string, init: SendOptions = {}): Promise<Response> {
    const { baseUrl, token, workspaceId, antiForgeryToken, timeoutMs = TIMEOUT_MS } = this.options;
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (workspaceId !== undefined) headers.set('x-workspace-id', workspaceId);
    if (antiForgeryToken !== undefined && method !== 'GET')
      headers.set('x-anti-forgery-token', antiForgeryToken);
    const limits = [
      ...(init.isEndless === true ? [] : [AbortSignal.timeout(timeoutMs)]),
      ...(init.signal === undefined ? [] : [init.signal]),
    ];
    const ask = this.options.fetch ?? fetch;
    try {
      return await ask(new URL(target, baseUrl), {
        method,
        headers,
        signal: AbortSignal.any(limits),
        redirect: 'error',
        ...(init.body !== undefined && { body: init.body }),
      });
    } catch (cause) {
      if (init.signal?.aborted === true) throw cause;
      const message = `No answer came from ${baseUrl}: is the server there, and the network?`;
      throw new VelahookError(message, { status: 0, code: 'NO_ANSWER', cause });
    }
  }

  async #call<T>(method: Method, path: string, options: AnyOptions = {}): Promise<T> {
    const { body, signal, headers } = options;
    const response = await this.send(method.toUpperCase(), targetOf(path, options), {
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    if (!response.ok) throw await VelahookError.of(response);
    try {
      const answer = (await response.json()) as { data?: T };
      return (answer.data ?? answer) as T;
    } catch (cause) {
      if (signal?.aborted === true) throw cause;
      throw VelahookError.unreadable(response, cause);
    }
  }
}

export interface SendOptions {
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
  /** The answer goes on for as long as somebody listens. */
  isEndless?: boolean;
}

interface AnyOptions {
  path?: unknown;
  query?: unknown;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

function targetOf(path: string, { path: places, query }: AnyOptions): string {
  const known = (places ?? {}) as Record<string, unknown>;
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(known[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>))
    if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? target : `${target}?${search.toString()}`;
}
