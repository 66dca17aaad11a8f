import type { Finding } from './finding.ts';
import { bad, lengthOf, ok, warn } from './finding.ts';

/** See `engine/dispatch/reach.ts`, whose answers these are. */
interface ResolverAnswer {
  server: string;
  answer: 'answered' | 'refused' | 'silent';
  afterMs: number;
}
type Reached =
  | { kind: 'reached'; resolvedMs: number; connectedMs: number }
  | { kind: 'refused' | 'failure' | 'fault'; error: string; afterMs: number };

/** A name that takes longer leaves an attempt little of its time. */
const ANSWER_WARN_MS = 500;

/** One of each resolver. Where another one answers, attempts only become slower. */
export function judgeResolvers(answers: readonly ResolverAnswer[]): Finding[] {
  if (answers.length === 0)
    return [
      bad('dns', 'There is no resolver.', 'Name some in /etc/resolv.conf, or by VELAHOOK_DNS_SERVERS.'),
    ];
  const isDeaf = answers.every(({ answer }) => answer !== 'answered');
  return answers.map(({ server, answer, afterMs }) => {
    if (answer === 'answered') {
      const found = `${server} answers within ${lengthOf(Math.max(afterMs, 1))}.`;
      return afterMs < ANSWER_WARN_MS ? ok('dns', found) : warn('dns', found, 'Use a nearer one.');
    }
    const found = answer === 'silent' ? `${server} does not answer.` : `${server} refuses to answer us.`;
    const advice = 'Start it, open the way to it (UDP and TCP 53), or name another by VELAHOOK_DNS_SERVERS.';
    return isDeaf ? bad('dns', found, advice) : warn('dns', found, advice);
  });
}

/** One of each origin that was tried; when several were and none was reached, it is hardly all of theirs. */
export function judgeReached(tried: readonly { origin: string; reached: Reached }[]): Finding[] {
  if (tried.length === 0) return [ok('https', 'No subscription is active: nothing was tried.')];
  const findings = tried.map(({ origin, reached }) => judgeOne(origin, reached));
  const failed = tried.filter(({ reached }) => reached.kind === 'failure').length;
  if (tried.length > 1 && failed === tried.length)
    findings.push(
      bad(
        'https',
        `None of ${tried.length} receivers can be reached.`,
        'Open the way out: TCP to any public address, without a proxy in between.',
      ),
    );
  return findings;
}

function judgeOne(origin: string, reached: Reached): Finding {
  if (reached.kind === 'reached') {
    const { resolvedMs, connectedMs } = reached;
    return ok('https', `${origin} is reached in ${connectedMs} ms, ${resolvedMs} of them for its name.`);
  }
  const found = `${origin} is not reached (${reached.afterMs} ms): ${reached.error}`;
  if (reached.kind === 'fault') return bad('https', found, 'It is ours: see to the network of this machine.');
  if (reached.kind === 'refused')
    return warn('https', found, 'Its name leads to an address that is not public: tell its owner.');
  return warn(
    'https',
    found,
    'Tell its owner; if it can be reached from elsewhere, open the way out from here.',
  );
}
