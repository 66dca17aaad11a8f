import { fastifyCookie } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'velahook_session';
const OPTIONS = { path: '/', httpOnly: true, sameSite: 'strict' } as const;

/**
 * The cookie that a session is carried in. Where we are seen by HTTPS it is `Secure`, and by its prefix the browser sees to
 * it that it came from this very host: a neighbour under the same domain cannot plant a session of its own.
 */
export class SessionCookie {
  readonly name: string;
  readonly #isSecure: boolean;

  constructor(publicUrl: string | null) {
    this.#isSecure = publicUrl?.startsWith('https:') === true;
    this.name = this.#isSecure ? `__Host-${NAME}` : NAME;
  }

  /** What a request carries. Cookies are parsed here only, where nothing else lets a request in. */
  read({ headers }: FastifyRequest): string | undefined {
    return headers.cookie === undefined ? undefined : fastifyCookie.parse(headers.cookie)[this.name];
  }

  set(reply: FastifyReply, value: string, expiresAt: number): void {
    const expires = new Date(expiresAt);
    void reply.setCookie(this.name, value, { ...OPTIONS, secure: this.#isSecure, expires });
  }

  clear(reply: FastifyReply): void {
    void reply.clearCookie(this.name, { ...OPTIONS, secure: this.#isSecure });
  }
}
