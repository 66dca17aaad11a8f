import { promises as dns } from 'node:dns';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../lib/clock.ts';

/** What a name resolves to; `fault` is a fault of ours, `failure` the name's own. */
export type Resolution =
  | { kind: 'addresses'; addresses: readonly string[] }
  | { kind: 'failure'; error: string }
  | { kind: 'fault'; error: string };

/** A receiver's name servers get this long; more would eat up the attempt's whole time. */
const LOOKUP_MS_MAX = 5_000;
/** Per question and server; c-ares doubles it for the second try, which keeps both within the bound above. */
const TRY_MS = 1_500;
const TRIES = 2;
/** Once one family has addresses, the other is not worth more: some name servers never answer AAAA questions. */
const OTHER_FAMILY_WAIT_MS = 300;
/** The root is asked at most this often whether our resolver is alive. */
const PROOF_INTERVAL_MS = 1_000;

const SILENT = 'Our DNS resolver does not answer.';

type Answer = { addresses: readonly string[] } | { code: string };

/**
 * Resolves names by asking DNS itself (c-ares), both families at once: no hosts file, no search domains, no
 * thread of a pool held, no cache of ours. Questions for one name that are under way are shared.
 */
export class NameResolver {
  readonly #servers: readonly string[];
  readonly #systemNames: ReadonlySet<string>;
  readonly #underWay = new Map<string, Promise<Resolution>>();
  #resolver: dns.Resolver;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #provedAt = Number.NEGATIVE_INFINITY;

  /**
   * `servers`: `address[:port]`, empty for the system's. `systemNames` are resolved as the system does, since
   * operators put their private names into a hosts file.
   */
  constructor(servers: readonly string[], systemNames: readonly string[]) {
    this.#servers = servers;
    this.#systemNames = new Set(systemNames);
    this.#resolver = this.#createResolver();
  }

  /** Answers within five seconds; never rejects. */
  resolve(name: string): Promise<Resolution> {
    const shared = this.#underWay.get(name);
    if (shared !== undefined) return shared;
    const lookup = (this.#systemNames.has(name) ? lookupBySystem(name) : this.#ask(name)).finally(() =>
      this.#underWay.delete(name),
    );
    this.#underWay.set(name, lookup);
    return lookup;
  }

  /** Whether our resolver has said nothing, to nobody, since that moment (of `monotonic()`). */
  isSilentSince(monotonicMs: number): boolean {
    return this.#answeredAt < monotonicMs;
  }

  close(): void {
    this.#resolver.cancel();
  }

  async #ask(name: string): Promise<Resolution> {
    const startedAt = systemClock.monotonic();
    this.#proveAlive(startedAt);
    // The final dot makes it absolute: no search domain is ever tried.
    const questions = [
      this.#answerTo(this.#resolver.resolve4(`${name}.`)),
      this.#answerTo(this.#resolver.resolve6(`${name}.`)),
    ];
    const answers: Answer[] = [];
    const all = Promise.all(questions.map(async (question) => answers.push(await question)));
    const enough = Promise.any(questions.map(requireAddresses)).then(
      () => wait(OTHER_FAMILY_WAIT_MS),
      () => all,
    );
    const stop = new AbortController();
    const bound = wait(LOOKUP_MS_MAX, undefined, { signal: stop.signal }).catch(() => undefined);
    await Promise.race([all, enough, bound]);
    stop.abort();
    const resolution = this.#conclude(answers, startedAt);
    // Made anew, so that a changed resolv.conf is read: a resolver keeps the servers it began with.
    if (resolution.kind === 'fault') this.#resolver = this.#createResolver();
    return resolution;
  }

  #conclude(answers: readonly Answer[], startedAt: number): Resolution {
    const addresses = answers.flatMap((answer) => ('addresses' in answer ? answer.addresses : []));
    if (addresses.length > 0) {
      // IPv4 first: where IPv6 is broken it is broken silently.
      return {
        kind: 'addresses',
        addresses: addresses.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':'))),
      };
    }
    const codes = answers.map((answer) => ('code' in answer ? answer.code : ''));
    if (codes.includes('ECONNREFUSED'))
      return { kind: 'fault', error: 'Our DNS resolver cannot be reached.' };
    if (codes.length < 2 || codes.includes('ETIMEOUT')) {
      if (this.isSilentSince(startedAt)) return { kind: 'fault', error: SILENT };
      return { kind: 'failure', error: "The host's name servers did not answer in time." };
    }
    const failed = codes.find((code) => code !== 'ENOTFOUND' && code !== 'ENODATA');
    if (failed === undefined) return { kind: 'failure', error: 'The host name has no address.' };
    return { kind: 'failure', error: `The host name cannot be resolved (${failed}).` };
  }

  async #answerTo(question: Promise<string[]>): Promise<Answer> {
    try {
      const addresses = await question;
      this.#answeredAt = systemClock.monotonic();
      return { addresses };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
      if (code !== 'ETIMEOUT' && code !== 'ECONNREFUSED' && code !== 'ECANCELLED') {
        this.#answeredAt = systemClock.monotonic();
      }
      return { code };
    }
  }

  /**
   * A name server that never answers looks just like a resolver that is down. What tells them apart is whether
   * the resolver answers anything; if nothing else is asked, it is asked for the root, which it has at hand.
   */
  #proveAlive(now: number): void {
    if (now - Math.max(this.#answeredAt, this.#provedAt) < PROOF_INTERVAL_MS) return;
    this.#provedAt = now;
    void this.#answerTo(this.#resolver.resolveNs('.'));
  }

  #createResolver(): dns.Resolver {
    const resolver = new dns.Resolver({ timeout: TRY_MS, tries: TRIES });
    if (this.#servers.length > 0) resolver.setServers(this.#servers);
    return resolver;
  }
}

async function requireAddresses(question: Promise<Answer>): Promise<void> {
  const answer = await question;
  if (!('addresses' in answer)) throw new Error(answer.code);
}

async function lookupBySystem(name: string): Promise<Resolution> {
  try {
    const found = await dns.lookup(name, { all: true, order: 'ipv4first' });
    return { kind: 'addresses', addresses: found.map((entry) => entry.address) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
    return { kind: 'failure', error: `The host name cannot be resolved (${code}).` };
  }
}
