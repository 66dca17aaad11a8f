import { BlockList, isIP } from 'node:net';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../domain/retry-policy.ts';

/** A value that cannot be used; the message says what it must be. */
export class BadValue extends Error {}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION_FORM = /^(\d{1,9})(ms|s|m|h|d)$/;
/** A wait of a month is a mistake of units; it also keeps sums far from the end of exact numbers. */
const DURATION_MS_MAX = 31 * 86_400_000;
/** An attempt per delay is stored for the retention time: more of them is a mistake, not a schedule. */
const RETRY_DELAYS_MAX = 50;
const KEY_BYTES = 32;
const HOST_NAME_FORM = /^(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*$/;

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new BadValue(`must be a whole number from ${min} to ${max}`);
    return value;
  };
}

export function oneOf<T extends string>(...values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((each) => each === text);
    if (value === undefined) throw new BadValue(`must be one of ${values.join(', ')}`);
    return value;
  };
}

export function yesOrNo(text: string): boolean {
  return oneOf('yes', 'no')(text) === 'yes';
}

/** Text of a form; `rule` says which. */
export function textLike(form: RegExp, rule: string): (text: string) => string {
  return (text) => {
    if (!form.test(text)) throw new BadValue(rule);
    return text;
  };
}

/** Comma-separated values, each read by `read`; blanks around them are ignored. */
export function listOf<T>(read: (text: string) => T): (text: string) => T[] {
  return (text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(read);
}

/** `500ms`, `8s`, `1m`, `11h`, `3d`, in milliseconds. */
function duration(text: string): number {
  const [, count, unit = ''] = DURATION_FORM.exec(text) ?? [];
  const value = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  if (!(value > 0 && value <= DURATION_MS_MAX)) {
    throw new BadValue(`"${text}" must be a number and a unit (ms, s, m, h, d), up to 31 days, such as 90s`);
  }
  return value;
}

/** A duration of `minMs` or more; `0` or `off` is 0. */
export function durationOrOff(minMs: number): (text: string) => number {
  return (text) => {
    if (text === '0' || text === 'off') return 0;
    const value = duration(text);
    if (value < minMs) throw new BadValue(`must be ${minMs} ms or more, or off`);
    return value;
  };
}

/** `1s,2s,1m`: the waits between attempts. The window grows with a schedule that is longer than the default. */
export function retrySchedule(text: string): RetryPolicy {
  const delaysMs = listOf(duration)(text);
  if (delaysMs.length === 0 || delaysMs.length > RETRY_DELAYS_MAX) {
    throw new BadValue(`must be 1 to ${RETRY_DELAYS_MAX} waits, such as 1s,2s,4s,1m,1h`);
  }
  const { jitterFraction, windowMs } = DEFAULT_RETRY_POLICY;
  const longestMs = delaysMs.reduce((sum, delayMs) => sum + delayMs, 0) * (1 + jitterFraction);
  return { delaysMs, jitterFraction, windowMs: Math.max(windowMs, Math.ceil(longestMs)) };
}

/** `72h/20`: failing for so long, and so many failed deliveries. */
export function deactivateAfter(text: string): { failingMs: number; failedDeliveries: number } {
  const [time = '', count = '', ...rest] = text.split('/');
  if (count === '' || rest.length > 0) {
    throw new BadValue('must be a time and a number of failed deliveries, such as 72h/20');
  }
  return { failingMs: duration(time), failedDeliveries: wholeNumber(1, 1_000_000)(count) };
}

export interface RateLimits {
  read: number;
  write: number;
  delete: number;
  publish: number;
}

export const DEFAULT_RATE_LIMITS: RateLimits = { read: 300, write: 100, delete: 50, publish: 0 };

/** `on`, `off`, or `read=300,write=100`; what is not named keeps its default, 0 is no limit. */
export function rateLimits(text: string): RateLimits {
  if (text === 'on') return DEFAULT_RATE_LIMITS;
  if (text === 'off') return { read: 0, write: 0, delete: 0, publish: 0 };
  const limits = { ...DEFAULT_RATE_LIMITS };
  for (const part of listOf((each) => each)(text)) {
    const [name = '', count = ''] = part.split('=');
    if (!isLimitName(name)) {
      throw new BadValue('must be on, off, or a list such as read=300,write=100,delete=50,publish=0');
    }
    limits[name] = wholeNumber(0, 1_000_000_000)(count);
  }
  return limits;
}

function isLimitName(name: string): name is keyof RateLimits {
  return Object.hasOwn(DEFAULT_RATE_LIMITS, name);
}

/** A CIDR block or a single address. */
export function network(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  const bits = prefix === undefined ? undefined : Number(prefix);
  const bitsMax = family === 6 ? 128 : 32;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bitsMax);
  if (family === 0 || rest.length > 0 || !isPrefix) {
    throw new BadValue(`"${text}" must be a CIDR block, such as 10.0.0.0/8`);
  }
  const whole = `${address}/${bits ?? bitsMax}`;
  // The guard will hand it to a BlockList; what that refuses must not get past the start.
  new BlockList().addSubnet(address, bits ?? bitsMax, family === 6 ? 'ipv6' : 'ipv4');
  return whole;
}

export function hostName(text: string): string {
  const name = text.toLowerCase();
  if (name.length > 253 || !HOST_NAME_FORM.test(name)) throw new BadValue(`"${text}" must be a host name`);
  return name;
}

/** `1.2.3.4`, `1.2.3.4:5353`, `[::1]:5353`. */
export function addressAndPort(text: string): string {
  const [, bracketed, plain, port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = isIP(text) !== 0 || isIP(plain ?? bracketed ?? '') !== 0;
  if (!isAddress || Number(port) < 1 || Number(port) > 65_535) {
    throw new BadValue(`"${text}" must be an address, with or without a port, such as 10.0.0.2:53`);
  }
  return text;
}

/** 32 bytes as 64 hex digits or as base64. */
export function encryptionKey(text: string): Uint8Array {
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  const isBase64 = /^[A-Za-z0-9+/]{43}=?$/.test(text);
  const key = isHex || isBase64 ? new Uint8Array(Buffer.from(text, isHex ? 'hex' : 'base64')) : undefined;
  if (key?.length !== KEY_BYTES) throw new BadValue('must be 64 hex digits, or base64 of 32 bytes');
  if (key.every((byte) => byte === key[0]))
    throw new BadValue('must be random: openssl rand -hex 32 makes one');
  return key;
}

/** `postgres://user:password@host:port/database?…`; never repeated in a message. */
export function databaseUrl(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol !== 'postgres:' && protocol !== 'postgresql:')
    throw new BadValue('must be a URL such as postgres://user:password@host:5432/database');
  return text;
}

/** An `http:` or `https:` origin, without a path. */
export function publicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && ['http:', 'https:'].includes(url.protocol) && url.pathname === '/';
  if (!isOrigin || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new BadValue('must be an origin without a path, such as https://hooks.example.com');
  }
  return url.origin;
}
