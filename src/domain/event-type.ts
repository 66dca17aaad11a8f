import { closestMatch } from 'leven';
import { LRUCache } from 'lru-cache';

/** Long enough for any `service.entity.action`; it also bounds a header value and an index key. */
export const EVENT_TYPE_CHARS_MAX = 128;

const PART = '[A-Za-z0-9_-]+';
const EVENT_TYPE_FORM = new RegExp(`^${PART}(?:\\.${PART})+$`);
const PATTERN_FORM = new RegExp(`^(?:\\*|(?:${PART}\\.)+\\*)$`);

/** Types of Velahook's own events: nobody publishes them, and `*` does not want them. */
const RESERVED_PREFIX = 'webhook.';

/** Two letters swapped, or one wrong and one missing; at three, unrelated names begin to look alike. */
const MISSPELLING_DISTANCE = 2;
/** Of a short prefix (`crm`), nearly every other (`erp`, `hr`) is two edits away: one per so many letters. */
const PREFIX_CHARS_PER_EDIT = 3;

/** Names in use are few; past this many, somebody is making them up and each is judged anew. */
const VERDICTS_MAX = 5_000;

const EVENT_TYPE_RULE =
  'must be two or more parts of A-Z, a-z, 0-9, _ and - joined by dots, such as crm.lead.created, ' +
  `at most ${EVENT_TYPE_CHARS_MAX} characters`;

/** Whether the text is a concrete event type, such as `crm.lead.created`. */
export function isEventType(text: string): boolean {
  return text.length <= EVENT_TYPE_CHARS_MAX && EVENT_TYPE_FORM.test(text);
}

/** Whether the text is `*` or a prefix pattern, such as `crm.*` and `crm.lead.*`. */
export function isPattern(text: string): boolean {
  return text.length <= EVENT_TYPE_CHARS_MAX && PATTERN_FORM.test(text);
}

/** Whether the type is one of Velahook's own (`webhook.*`). */
export function isReservedType(eventType: string): boolean {
  return eventType.startsWith(RESERVED_PREFIX);
}

/**
 * Whether a subscription's entry (an event type, a prefix pattern or `*`) wants the event type. `*` does not want
 * the platform's own types: a subscription to everything would be told of every other one's failures.
 */
export function matchesPattern(pattern: string, eventType: string): boolean {
  if (pattern === '*') return !isReservedType(eventType);
  if (pattern.endsWith('.*')) return eventType.startsWith(pattern.slice(0, -1));
  return pattern === eventType;
}

/**
 * Every entry that wants the event type: the type itself, its prefix patterns, `*`. The other side of
 * {@link matchesPattern}, for an index by entry: a handful of look-ups, however many subscriptions there are.
 */
export function entriesMatching(eventType: string): string[] {
  const entries = [eventType];
  for (let dot = eventType.lastIndexOf('.'); dot > 0; dot = eventType.lastIndexOf('.', dot - 1)) {
    entries.push(`${eventType.slice(0, dot)}.*`);
  }
  if (!isReservedType(eventType)) entries.push('*');
  return entries;
}

/** What is wrong or doubtful about a name; both missing when nothing is. */
interface TypeVerdict {
  mistake?: string;
  warning?: string;
}

export interface EventTypeJudge {
  /** Judges the type of an event to be published. */
  judgeEventType(name: string): TypeVerdict;
  /** Judges an entry of a subscription's `events`: an event type or a pattern. */
  judgeEntry(entry: string): TypeVerdict;
}

const FINE: TypeVerdict = {};

/** What the judge makes of names it does not know, and more that it knows of others. */
export interface JudgeOptions {
  /** What to do instead, by the name of each deprecated type. */
  deprecated?: ReadonlyMap<string, string>;
  /** Verdicts remembered; fewer where there are many judges. */
  verdictsMax?: number;
}

/**
 * Judges names against the known ones: a name that looks like a misspelt known one is a mistake; any other
 * unknown one is a warning, or a mistake when `unknown` is `reject`. A deprecated one is a warning.
 */
export function createEventTypeJudge(
  known: readonly string[],
  unknown: 'warn' | 'reject',
  { deprecated = new Map(), verdictsMax = VERDICTS_MAX }: JudgeOptions = {},
): EventTypeJudge {
  const types = new Set(known);
  const prefixes = new Set(known.flatMap((name) => entriesMatching(name).slice(1).map(prefixOf)));
  prefixes.delete('');
  const verdicts = new LRUCache<string, TypeVerdict>({ max: verdictsMax });

  function doubt(what: string, name: string, closest: string | undefined): TypeVerdict {
    if (closest !== undefined) return { mistake: `${what} "${name}" is unknown; did you mean "${closest}"?` };
    if (unknown === 'reject') {
      return { mistake: `${what} "${name}" is unknown; GET /api/v1/event-types lists the known ones.` };
    }
    return { warning: `${what} "${name}" is not in the catalogue; check the spelling.` };
  }

  function judgeName(name: string): TypeVerdict {
    const advice = deprecated.get(name);
    if (advice !== undefined) return { warning: `Event type "${name}" is deprecated${advice}` };
    if (types.has(name)) return FINE;
    if (!isEventType(name)) return { mistake: `An event type ${EVENT_TYPE_RULE}.` };
    return doubt('Event type', name, closestMatch(name, known, { maxDistance: MISSPELLING_DISTANCE }));
  }

  function judgePattern(pattern: string): TypeVerdict {
    if (!isPattern(pattern)) {
      return { mistake: 'A pattern is *, or the leading parts of an event type and .*, such as crm.lead.*.' };
    }
    const prefix = prefixOf(pattern);
    if (pattern === '*' || prefixes.has(prefix)) return FINE;
    const maxDistance = Math.min(MISSPELLING_DISTANCE, Math.floor(prefix.length / PREFIX_CHARS_PER_EDIT));
    const closest = maxDistance > 0 ? closestMatch(prefix, [...prefixes], { maxDistance }) : undefined;
    return doubt('Pattern', pattern, closest === undefined ? undefined : `${closest}.*`);
  }

  function cached(key: string, judge: () => TypeVerdict): TypeVerdict {
    const before = verdicts.get(key);
    if (before !== undefined) return before;
    const verdict = judge();
    // A text over the limit is refused for a few nanoseconds' work; keeping it would only hold memory.
    if (key.length <= EVENT_TYPE_CHARS_MAX) verdicts.set(key, verdict);
    return verdict;
  }

  return {
    judgeEventType(name) {
      if (isReservedType(name)) {
        return {
          mistake: "Types under webhook. are Velahook's own: they can be subscribed to, not published.",
        };
      }
      // What is remembered of a pattern was said of it as an entry.
      return name.includes('*') ? judgeName(name) : cached(name, () => judgeName(name));
    },
    judgeEntry: (entry) =>
      cached(entry, () => (entry.includes('*') ? judgePattern(entry) : judgeName(entry))),
  };
}

/** `crm.lead` of `crm.lead.*`; empty for `*`. */
function prefixOf(pattern: string): string {
  return pattern.slice(0, -2);
}
