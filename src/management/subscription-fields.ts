import { isIP } from 'node:net';
import type { Mistake } from '../domain/errors.ts';
import type { EventTypeJudge } from '../domain/event-type.ts';
import { checkHeaders } from '../domain/extra-headers.ts';
import type { FilterForm } from '../domain/filter.ts';
import { readFilter } from '../domain/filter.ts';
import type { Subscription } from '../domain/subscription.ts';
import { SECRET_CHARS_ADVISED } from '../domain/subscription.ts';
import type { UrlCheck } from '../domain/url-policy.ts';

/** What a client may set. Which of it must be there, and its types, the HTTP schema has checked or reported. */
export interface SubscriptionFields {
  url: string;
  events: readonly string[];
  secret?: string;
  active?: boolean;
  description?: string | null;
  timeoutMs?: number;
  rateLimit?: number | null;
  ordered?: boolean;
  /** Whether `v1a` signatures are made as well. */
  ed25519?: boolean;
  headers?: Readonly<Record<string, string>> | null;
  filter?: FilterForm | null;
}

/** Fields as a client sent them: any of them may be missing or of the wrong type. */
export type SubscriptionDraft = { readonly [K in keyof SubscriptionFields]?: unknown };

/** Asks the network where a name leads. Never rejects; a name that does not resolve in time is `unresolved`. */
interface HostGuard {
  check(host: string): Promise<'allowed' | 'refused' | 'unresolved'>;
}

export interface UrlRules {
  checkUrl(text: string): UrlCheck;
  guard: HostGuard;
}

export interface FieldRules extends UrlRules {
  judge: EventTypeJudge;
}

/**
 * Checks what a schema cannot say: where the URL leads and what the event types are called. Adds to the mistakes
 * the schema found, so that a client is told everything at once; a field that has one already is not judged.
 * `before`: the subscription that is to be changed.
 */
export async function checkFields(
  draft: SubscriptionDraft,
  found: readonly Mistake[],
  rules: FieldRules,
  before: Pick<Subscription, 'headers'> | null = null,
): Promise<Mistake[]> {
  const reported = new Set(found.map(({ path }) => path));
  const url = reported.has('url') ? [] : await checkUrlField(draft.url, rules);
  const events = checkEventsField(draft.events, rules.judge).filter(({ path }) => !reported.has(path));
  const headers = isObject(draft.headers) ? checkHeaders(draft.headers, storedNames(before)) : [];
  const filter = isObject(draft.filter) ? readFilter(draft.filter) : { ok: true as const };
  const others = [
    ...headers.filter(({ path }) => !reported.has(path)),
    ...(filter.ok ? [] : filter.mistakes),
  ];
  return [...found, ...url, ...events, ...others];
}

/** In lower case: which headers have a value already. */
function storedNames(before: Pick<Subscription, 'headers'> | null): ReadonlySet<string> {
  return new Set(before?.headers?.names.map((name) => name.toLowerCase()));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is allowed but doubtful: unknown event types, a secret that is easily guessed. */
export function warnAbout(
  fields: { events?: readonly string[]; secret?: string | undefined },
  judge: EventTypeJudge,
): string[] {
  const warnings = (fields.events ?? []).flatMap((entry) => judge.judgeEntry(entry).warning ?? []);
  if (fields.secret !== undefined && fields.secret.length < SECRET_CHARS_ADVISED) {
    warnings.push(
      `The secret is short: use at least ${SECRET_CHARS_ADVISED} characters, so that nobody can guess it.`,
    );
  }
  return warnings;
}

async function checkUrlField(url: unknown, rules: UrlRules): Promise<readonly Mistake[]> {
  return typeof url === 'string' ? checkTarget(url, rules) : [];
}

/** What is wrong with a URL that webhooks are to go to, where its name leads included. Never rejects. */
export async function checkTarget(url: string, rules: UrlRules): Promise<readonly Mistake[]> {
  const checked = rules.checkUrl(url);
  if (!checked.ok) return checked.mistakes;
  const host = checked.url.hostname;
  // An address was judged as part of the text.
  const isAddress = host.startsWith('[') || isIP(host) !== 0;
  if (isAddress || (await rules.guard.check(host)) !== 'refused') return [];
  return [{ path: 'url', message: 'must have a public host: this name resolves to an address that is not' }];
}

function checkEventsField(events: unknown, judge: EventTypeJudge): Mistake[] {
  if (!Array.isArray(events)) return [];
  const firstAt = new Map<string, number>();
  return events.flatMap((entry: unknown, index) => {
    if (typeof entry !== 'string') return [];
    const path = `events[${index}]`;
    const first = firstAt.get(entry);
    if (first !== undefined) return [{ path, message: `repeats events[${first}]` }];
    firstAt.set(entry, index);
    const { mistake } = judge.judgeEntry(entry);
    return mistake === undefined ? [] : [{ path, message: mistake }];
  });
}
