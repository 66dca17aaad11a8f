import { getServers, promises as dns } from 'node:dns';
import type { SecureContext } from 'node:tls';
import { systemClock } from '../../lib/clock.ts';
import { connect } from './connect.ts';
import { Course } from './course.ts';
import { BLOCKED } from './failure.ts';
import type { Guard } from './guard.ts';

/** As long as an attempt's default timeout. */
const REACH_MS_MAX = 10_000;
/** A resolver that is slower than this makes attempts time out. */
const ANSWER_MS_MAX = 2_000;
/** There can be no such name (RFC 6761): whoever answers says so, and nothing is kept of it. */
const NO_NAME = 'velahook-doctor.invalid.';
/** Codes of c-ares that are no answer of the resolver's. */
const SILENCE: ReadonlySet<string> = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED']);

/** What became of a connection: `fault` is one of ours. Milliseconds from the beginning. */
export type Reached =
  | { kind: 'reached'; resolvedMs: number; connectedMs: number }
  | { kind: 'refused' | 'failure' | 'fault'; error: string; afterMs: number };

/** What a resolver said to a question: `refused` by it, or nothing (`silent`). */
export interface ResolverAnswer {
  /** `address[:port]`. */
  server: string;
  answer: 'answered' | 'refused' | 'silent';
  afterMs: number;
}

/**
 * Connects to an origin as an attempt would, resolved and judged by the guard, by TCP and TLS, and hangs up: no request
 * is sent. Never rejects, and answers within ten seconds or so.
 */
export async function reach(origin: URL, guard: Guard, trust: SecureContext): Promise<Reached> {
  const startedAt = systemClock.monotonic();
  const elapsedMs = (): number => Math.round(systemClock.monotonic() - startedAt);
  const vetting = await guard.vet(origin.hostname);
  if (vetting.kind === 'refused') return { kind: 'refused', error: BLOCKED.error, afterMs: elapsedMs() };
  if (vetting.kind !== 'addresses') return { ...vetting, afterMs: elapsedMs() };
  const resolvedMs = elapsedMs();
  const host = origin.hostname.startsWith('[') ? origin.hostname.slice(1, -1) : origin.hostname;
  const target = { host, port: Number(origin.port || 443), addresses: vetting.addresses };
  return new Promise((resolve) => {
    const cancelConnect = connect(target, trust, startedAt + REACH_MS_MAX, new Course(), (end) => {
      clearTimeout(timer);
      if (end.kind === 'connected') {
        end.socket.on('error', () => undefined);
        end.socket.destroy();
        return resolve({ kind: 'reached', resolvedMs, connectedMs: elapsedMs() });
      }
      const error = end.kind === 'fault' ? end.error : end.failure.error;
      resolve({ kind: end.kind, error, afterMs: elapsedMs() });
    });
    const timer = setTimeout(() => {
      cancelConnect();
      resolve({ kind: 'failure', error: 'The connection timed out.', afterMs: elapsedMs() });
    }, REACH_MS_MAX - resolvedMs);
  });
}

/** Asks each resolver by itself for a name that does not exist; `servers` empty: those of the system. */
export function askResolvers(servers: readonly string[]): Promise<ResolverAnswer[]> {
  return Promise.all((servers.length > 0 ? servers : getServers()).map(askResolver));
}

async function askResolver(server: string): Promise<ResolverAnswer> {
  const resolver = new dns.Resolver({ timeout: ANSWER_MS_MAX, tries: 1 });
  resolver.setServers([server]);
  const startedAt = systemClock.monotonic();
  const code = await resolver.resolve4(NO_NAME).then(
    () => '',
    (error: NodeJS.ErrnoException) => error.code ?? '',
  );
  const answer = SILENCE.has(code) ? 'silent' : code === 'EREFUSED' ? 'refused' : 'answered';
  return { server, answer, afterMs: Math.round(systemClock.monotonic() - startedAt) };
}
