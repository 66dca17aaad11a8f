import type { ApiAnswer } from './api-client.ts';

export interface SessionAnswer {
  kind: string;
  workspaceId: string | null;
  scopes: string[];
  tokenPrefix: string | null;
  tokenName: string | null;
  expiresAt: string;
  antiForgeryToken: string;
}

/** Somebody signed in with a browser: calls the API as a page of the dashboard does. */
export class BrowserSession {
  readonly #url: string;
  /** `name=value`. */
  readonly cookie: string;
  readonly setCookie: string;
  readonly session: SessionAnswer;

  private constructor(url: string, setCookie: string, session: SessionAnswer) {
    this.#url = url;
    this.setCookie = setCookie;
    this.cookie = setCookie.split(';', 1)[0] ?? '';
    this.session = session;
  }

  static async start(
    url: string,
    token: string,
    headers: Record<string, string> = {},
  ): Promise<BrowserSession> {
    const response = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ token }),
    });
    const text = await response.text();
    if (response.status !== 201) throw new Error(`POST /session: ${response.status} ${text}`);
    const { data } = JSON.parse(text) as { data: { session: SessionAnswer } };
    return new BrowserSession(url, response.headers.getSetCookie()[0] ?? '', data.session);
  }

  /** What a page of ours sends with a call; a read needs less. */
  headers(): Record<string, string> {
    return {
      cookie: this.cookie,
      'sec-fetch-site': 'same-origin',
      'x-anti-forgery-token': this.session.antiForgeryToken,
    };
  }

  /** Of the workspace that was signed in to; `headers` replace ours, and one that is empty is left out. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const merged = {
      ...this.headers(),
      'x-workspace-id': this.session.workspaceId ?? '',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    };
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: Object.entries(merged).filter(([, value]) => value !== ''),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text), text };
  }
}
