import { isIP } from 'node:net';
import { AddressRule } from './address.ts';
import type { Mistake } from './errors.ts';
import { URL_CHARS_MAX } from './subscription.ts';

/** What the operator allows beyond the public internet, and what is ours. */
export interface UrlPolicy {
  /** CIDR blocks; lifts the address rule for these addresses and nothing else. */
  allowNetworks: readonly string[];
  /**
   * Host names, in lower case. Lifts the rules about names for exactly these; it does not lift the address rule:
   * what such a name resolves to must be public or in `allowNetworks`.
   */
  allowHosts: readonly string[];
  /** Where our own API is seen from outside (`https://hooks.example.com`), or null: no webhook may go there. */
  publicOrigin: string | null;
}

export type UrlCheck = { ok: true; url: URL } | { ok: false; mistakes: Mistake[] };

/** RFC 1035: a label has at most 63 octets, a whole name 253 characters. */
const LABEL_CHARS_MAX = 63;
const NAME_CHARS_MAX = 253;
const LABEL_FORM = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** Top labels that no public name ends with; `home.arpa` is under `arpa`. */
const NEVER_PUBLIC: ReadonlySet<string> = new Set([
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'corp',
  'home',
  'lan',
  'private',
  'arpa',
  'svc',
  'onion',
  'test',
  'invalid',
]);

const HTTPS_PORT = 443;
const PORT_MIN = 1024;
/** Docker, etcd, MySQL, RDP, PostgreSQL, AMQP, Redis, Kubernetes, IRC, Kafka, Elasticsearch, memcached, MongoDB. */
const PORTS_REFUSED: ReadonlySet<number> = new Set([
  2375, 2376, 2379, 2380, 3306, 3389, 5432, 5672, 6379, 6443, 6667, 9092, 9200, 10250, 11211, 27017,
]);

/**
 * White space, control characters, and everything that is not seen on a screen: format characters, fillers,
 * variation selectors, tags, private use, lone surrogates, the braille blank. Checked in the text as given,
 * since the URL parser removes some of them without a word.
 */
const UNSEEN = /[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Checks a subscription's URL against everything that can be known without asking the network; a name's
 * addresses are checked by dispatch. Answers the parsed URL or every mistake found, all on path `url`. Pure.
 */
export function checkUrl(text: string, policy: UrlPolicy): UrlCheck {
  const messages = textMistakes(text);
  // Parsed without the unseen characters, so that the rest can be judged as well: the parser drops them anyway.
  const url = URL.parse(text.replace(new RegExp(UNSEEN, 'gu'), ''));
  if (url === null || !/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(text)) {
    messages.push('must be an absolute URL such as https://example.com/webhooks');
  }
  if (url !== null) messages.push(...partMistakes(url, policy));
  if (url !== null && messages.length === 0) return { ok: true, url };
  return { ok: false, mistakes: messages.map((message) => ({ path: 'url', message })) };
}

/** What can only be seen in the text: the parser repairs it silently. */
function textMistakes(text: string): string[] {
  const messages: string[] = [];
  if (text.length > URL_CHARS_MAX) messages.push(`must be at most ${URL_CHARS_MAX} characters`);
  if (UNSEEN.test(text)) messages.push('must not contain white space, control or invisible characters');
  if (text.includes('\\')) messages.push('must not contain a backslash');
  // Even an empty one, which the parser does not keep.
  if (text.includes('#')) messages.push('must not have a fragment (#…)');
  const authority = /^[^/?#]*\/\/([^/?#\\]*)/.exec(text)?.[1] ?? '';
  if (authority.includes('@')) messages.push('must not contain a user name or password');
  return messages;
}

function partMistakes(url: URL, policy: UrlPolicy): string[] {
  const messages: string[] = [];
  if (url.protocol !== 'https:') messages.push('must use https');
  messages.push(...hostMistakes(url.hostname, policy), ...portMistakes(url.port));
  if (policy.publicOrigin !== null && isSameAuthority(url, new URL(policy.publicOrigin))) {
    messages.push('must not be an address of this server itself');
  }
  return messages;
}

/** `hostname` as the parser leaves it: any notation of an IPv4 address has become four decimal numbers. */
function hostMistakes(hostname: string, policy: UrlPolicy): string[] {
  const address = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  if (isIP(address) !== 0) {
    return new AddressRule(policy.allowNetworks).allows(address) ? [] : ['must have a public host'];
  }
  if (policy.allowHosts.includes(hostname.toLowerCase())) return [];
  return nameMistakes(hostname.toLowerCase());
}

function nameMistakes(name: string): string[] {
  const messages: string[] = [];
  if (name === '') return ['must have a host'];
  if (name.length > NAME_CHARS_MAX) messages.push(`must have a host of at most ${NAME_CHARS_MAX} characters`);
  const labels = name.split('.');
  if (labels.at(-1) === '') {
    messages.push('must not have a host that ends with a dot');
    labels.pop();
  }
  if (labels.some((label) => label.length > LABEL_CHARS_MAX || !LABEL_FORM.test(label))) {
    messages.push(
      `must have a host of labels of letters, digits and inner hyphens, 1 to ${LABEL_CHARS_MAX} characters each`,
    );
  }
  if (labels.length < 2 || NEVER_PUBLIC.has(labels.at(-1) ?? '')) {
    messages.push('must have a public host: a name such as hooks.example.com');
  }
  return messages;
}

function portMistakes(portText: string): string[] {
  const port = portText === '' ? HTTPS_PORT : Number(portText);
  if ((port >= PORT_MIN || port === HTTPS_PORT) && !PORTS_REFUSED.has(port)) return [];
  return [`must not use port ${port}: use 443, or one above 1023 that no well-known internal service uses`];
}

function isSameAuthority(url: URL, own: URL): boolean {
  return url.hostname === own.hostname && effectivePort(url) === effectivePort(own);
}

function effectivePort(url: URL): string {
  return url.port || (url.protocol === 'http:' ? '80' : String(HTTPS_PORT));
}
