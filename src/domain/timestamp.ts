const FORM = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** How the API asks for instants, in messages. */
export const TIMESTAMP_RULE =
  'must be an RFC 3339 timestamp with a time zone, such as 2026-03-24T14:30:00.000Z';

/**
 * Reads an RFC 3339 timestamp into milliseconds since the Unix epoch (finer fractions are cut off); undefined
 * when it is none, or names a day or time that does not exist. `Date.parse` alone would take February 31st
 * for March 3rd, and a dozen other notations.
 */
export function parseTimestamp(text: string): number | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match.slice(7);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second, Number(fraction.padEnd(3, '0').slice(0, 3)));
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  const instant = date.getTime() - (sign === '-' ? -offsetMs : offsetMs);
  // Past these years the ISO form grows a sign and more digits, which receivers' parsers do not expect.
  const utcYear = new Date(instant).getUTCFullYear();
  return utcYear >= 0 && utcYear <= 9999 ? instant : undefined;
}

/** The one form Velahook writes: UTC, with milliseconds. Undefined as {@link parseTimestamp}. */
export function normaliseTimestamp(text: string): string | undefined {
  const instant = parseTimestamp(text);
  return instant === undefined ? undefined : new Date(instant).toISOString();
}
