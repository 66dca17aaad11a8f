/** No delivery waits longer than its whole schedule for one receiver's wish. */
const RETRY_AFTER_MS_MAX = 24 * 60 * 60 * 1000;

const SECONDS_FORM = /^\d+$/;
/** The three forms of RFC 9110 §5.6.7 all begin with the day; `Date.parse` alone would take `-5` for a date. */
const DATE_FORM = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * Reads a `Retry-After` (RFC 9110 §10.2.3), seconds or a date, as milliseconds from `now`. A moment that is past
 * is 0, one more than a day ahead is a day; null for anything else, however many there are.
 */
export function parseRetryAfter(value: string | string[] | undefined, now: number): number | null {
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (SECONDS_FORM.test(text)) return Math.min(Number(text) * 1000, RETRY_AFTER_MS_MAX);
  if (!DATE_FORM.test(text)) return null;
  // The oldest form names no zone; all three are in GMT.
  const at = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
  if (Number.isNaN(at)) return null;
  return Math.min(Math.max(at - now, 0), RETRY_AFTER_MS_MAX);
}
