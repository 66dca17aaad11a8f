/**
 * Where an attempt's time went, in milliseconds; null for what was not begun. Of a failed attempt the last one that was
 * begun lasted until the failure. What is between them (the signature) is in none.
 */
export interface AttemptTiming {
  dnsMs: number | null;
  /** TCP, with the addresses that were tried before. */
  connectMs: number | null;
  tlsMs: number | null;
  /** From writing the request to the whole response head. */
  waitMs: number | null;
}

const NOT_BEGUN = '-';

/** As it is stored: `12 3 8 41`, in whole milliseconds. Undone by {@link readTiming}. */
export function timingText({ dnsMs, connectMs, tlsMs, waitMs }: AttemptTiming): string {
  return `${textOf(dnsMs)} ${textOf(connectMs)} ${textOf(tlsMs)} ${textOf(waitMs)}`;
}

export function readTiming(text: string): AttemptTiming {
  const [dnsMs = null, connectMs = null, tlsMs = null, waitMs = null] = text
    .split(' ')
    .map((part) => (part === NOT_BEGUN ? null : Number(part)));
  return { dnsMs, connectMs, tlsMs, waitMs };
}

/** Whether the request went over a connection of an earlier one: no name was looked up for it, and none was made. */
export function isConnectionReused({ dnsMs, waitMs }: AttemptTiming): boolean {
  return dnsMs === null && waitMs !== null;
}

function textOf(ms: number | null): string {
  return ms === null ? NOT_BEGUN : String(Math.round(ms));
}
