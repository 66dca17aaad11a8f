const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d{1,9})?(?:z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const MAILBOX = /^[^\s@"]{1,64}$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Longer than any text of these formats; it bounds what checking one costs. */
export const FORMATTED_CHARS_MAX = 2_048;

type Format = (text: string) => boolean;

const FORMATS: Readonly<Record<string, { is: Format; words: string }>> = {
  date: { is: isDate, words: 'a date such as 2026-03-24' },
  time: { is: (text) => TIME.test(text), words: 'a time such as 14:30:00Z' },
  'date-time': { is: isDateTime, words: 'a moment such as 2026-03-24T14:30:00.000Z' },
  email: { is: isEmail, words: 'an e-mail address' },
  hostname: { is: isHostname, words: 'a host name' },
  ipv4: { is: (text) => IPV4.test(text), words: 'an IPv4 address' },
  ipv6: { is: isIpv6, words: 'an IPv6 address' },
  uri: { is: (text) => SCHEME.test(text) && URL.canParse(text) && !/\s/.test(text), words: 'a URI' },
  uuid: { is: (text) => UUID.test(text), words: 'a UUID' },
};

/** The check of a `format`, and what the text must be in words; undefined for a format that only annotates. */
export function findFormat(name: string): { is: Format; words: string } | undefined {
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  return format && { ...format, is: (text) => text.length <= FORMATTED_CHARS_MAX && format.is(text) };
}

function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  // A day that its month does not have becomes one of the next month.
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  return /^.{10}t/i.test(text) && isDate(text.slice(0, 10)) && TIME.test(text.slice(11));
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  return at > 0 && MAILBOX.test(text.slice(0, at)) && isHostname(text.slice(at + 1));
}

function isHostname(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => HOST_LABEL.test(label));
}

function isIpv6(text: string): boolean {
  return /^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]/`);
}
