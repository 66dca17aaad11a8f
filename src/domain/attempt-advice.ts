import type { AttemptOutcome } from './attempt.ts';

/** What advice is given by. */
export interface FailedAttempt {
  outcome: AttemptOutcome;
  statusCode: number | null;
  /** Whether the request was sent before it failed; undefined where nobody knows any more. */
  isSent?: boolean | undefined;
}

const REDIRECTED =
  "Change the subscription's URL to the one it redirects to (in the location header): redirects are never followed.";
const NOT_ACCEPTED =
  "See in the receiver's answer or log what it does not accept in the event: the body is the same at every retry.";
const BEHIND_PROXY =
  'See whether the application behind the proxy or load balancer that answered runs, and answers in time.';

const BY_STATUS: Readonly<Record<number, string>> = {
  301: REDIRECTED,
  302: REDIRECTED,
  303: REDIRECTED,
  307: REDIRECTED,
  308: REDIRECTED,
  400: NOT_ACCEPTED,
  401: "Give the credential that the receiver asks for in the subscription's headers, or correct how it verifies the signature.",
  403: 'Let the requests through at the receiver: a firewall, a bot protection or its own check of the signature refused this one.',
  404: "Correct the path of the subscription's URL, or put the receiver's route back: there is nothing at this one.",
  405: 'Have the receiver take POST at this URL, or correct the URL.',
  408: BEHIND_PROXY,
  410: 'Correct the URL and activate the subscription again if it is still wanted: a 410 says that it is not, and switches it off.',
  413: 'Raise the limit for request bodies at the receiver, and at the proxy in front of it.',
  415: 'Have the receiver take application/json.',
  422: NOT_ACCEPTED,
  429: "Set the subscription's rateLimit to what the receiver can take, or raise the receiver's own limit.",
  431: 'Raise the limit for request headers at the receiver, or give the subscription fewer of its own.',
  502: BEHIND_PROXY,
  503: 'See whether the receiver is overloaded or being maintained; if it is too much for it, set a rateLimit.',
  504: BEHIND_PROXY,
};

const BY_OUTCOME: Readonly<Record<Exclude<AttemptOutcome, 'success' | 'http_status' | 'timeout'>, string>> = {
  dns: "Correct the host name in the subscription's URL, or its DNS: it must have an A or AAAA record that everybody can see.",
  connect:
    'See whether the receiver runs, and whether its firewall lets connections from outside in on this port.',
  tls: 'Have the receiver present a certificate that is valid, for this host name and with its whole chain, over TLS 1.2 or 1.3.',
  protocol:
    'See whether an HTTPS server that speaks HTTP/1.1 listens on this host and port: this was no answer of one.',
  blocked_address:
    "Use a host name whose addresses are all public; what runs in the operator's own network, the operator can allow.",
};

/** What to do about an attempt that failed, in one sentence; null of a success. Pure. */
export function adviceFor({ outcome, statusCode, isSent }: FailedAttempt): string | null {
  switch (outcome) {
    case 'success':
      return null;
    case 'http_status':
      return adviceForStatus(statusCode ?? 0);
    case 'timeout':
      return isSent === false
        ? 'See whether the host is up and reachable from outside: no connection to it came about in time.'
        : "Have the receiver answer as soon as it has the event and work on it afterwards, or raise the subscription's timeoutMs.";
    default:
      return BY_OUTCOME[outcome];
  }
}

function adviceForStatus(status: number): string {
  const advice = BY_STATUS[status];
  if (advice !== undefined) return advice;
  if (status >= 500 && status < 600)
    return "Look into the receiver's log at this time: it failed while it worked on the event.";
  if (status >= 400 && status < 500)
    return "See in the receiver's answer or log why it refused the request, and correct the receiver or the subscription.";
  return 'Have the receiver answer with a status from 200 to 299 once it has taken the event: nothing else counts as taken.';
}
