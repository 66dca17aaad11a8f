import type { Settings } from '../../config/settings.ts';
import type { Finding } from './finding.ts';
import { bad, ok, warn } from './finding.ts';

const CHECK = 'settings';
const LOOPBACK = /^(127\.|::1$|localhost$)/;
const EVERYBODY = /\/0$/;

/** Mistakes stop a start; nothing else can be looked at before they are corrected. */
export function judgeMistakes(mistakes: readonly string[]): Finding[] {
  return mistakes.map((mistake) => bad(CHECK, mistake, 'Correct it: the server does not start with it.'));
}

/** What is allowed, and should surprise nobody. */
export function judgeSettings(settings: Settings): Finding[] {
  const risks = [...openings(settings), ...exposures(settings)];
  return risks.length > 0 ? risks : [ok(CHECK, 'All can be used, and none is risky.')];
}

function openings({ allowNetworks, allowHosts, extraCa, failpoint }: Settings): Finding[] {
  const found: Finding[] = [];
  if (allowNetworks.length > 0)
    found.push(
      warn(
        CHECK,
        `VELAHOOK_ALLOW_NETWORKS opens ${allowNetworks.join(', ')} to everybody who may subscribe.`,
        'Leave it out where customers subscribe.',
      ),
    );
  if (allowHosts.length > 0)
    found.push(
      warn(
        CHECK,
        `VELAHOOK_ALLOW_HOSTS opens ${allowHosts.join(', ')} to everybody who may subscribe.`,
        'Leave it out where customers subscribe.',
      ),
    );
  if (extraCa !== null)
    found.push(
      warn(
        CHECK,
        'VELAHOOK_CA_FILE lets receivers use certificates of other authorities.',
        'Keep their keys as safe as your own, or leave it out.',
      ),
    );
  if (failpoint !== null)
    found.push(
      bad(CHECK, `VELAHOOK_FAILPOINT ends the server at ${failpoint}.`, 'Unset it: it is for tests.'),
    );
  return found;
}

function exposures({
  host,
  allowLostSecrets,
  rateLimits,
  trustedProxies,
  logLevel,
  retryPolicy,
}: Settings): Finding[] {
  const found: Finding[] = [];
  if (!LOOPBACK.test(host))
    found.push(
      warn(
        CHECK,
        `HOST is ${host}: the API is in clear on the network.`,
        'Put TLS in front of it, and let nothing else reach it.',
      ),
    );
  if (allowLostSecrets)
    found.push(
      warn(
        CHECK,
        'VELAHOOK_ALLOW_LOST_SECRETS lets the server start with a wrong key.',
        'Leave it out once all subscriptions have new secrets.',
      ),
    );
  const unlimited = (['read', 'write', 'delete'] as const).filter((name) => rateLimits[name] === 0);
  if (unlimited.length > 0)
    found.push(
      warn(
        CHECK,
        `VELAHOOK_RATE_LIMITS has no limit for ${unlimited.join(', ')}.`,
        'Set one, or limit them in front of the API.',
      ),
    );
  if (trustedProxies.some((network) => EVERYBODY.test(network)))
    found.push(
      warn(
        CHECK,
        'VELAHOOK_TRUSTED_PROXIES believes everybody about where a request comes from.',
        'Name the proxies only.',
      ),
    );
  if (logLevel === 'silent' || logLevel === 'fatal')
    found.push(
      warn(CHECK, `VELAHOOK_LOG_LEVEL is ${logLevel}: no fault is written down.`, 'Use info, or error.'),
    );
  if (retryPolicy.delaysMs.length < RETRIES_ADVISED)
    found.push(
      warn(
        CHECK,
        `VELAHOOK_RETRY_SCHEDULE has ${retryPolicy.delaysMs.length} retries.`,
        'Give receivers a day: what fails then is lost to them.',
      ),
    );
  return found;
}

/** With fewer, a receiver's restart is enough to fail a delivery. */
const RETRIES_ADVISED = 5;
