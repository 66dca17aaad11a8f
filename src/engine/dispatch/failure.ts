import { isIPv4 } from 'node:net';
import type { AttemptOutcome } from '../../domain/attempt.ts';
import { printable } from '../../domain/printable.ts';

/** Why an attempt failed, for the record. */
export interface Failure {
  outcome: AttemptOutcome;
  /** One sentence, printable, at most {@link ERROR_CHARS_MAX} characters. */
  error: string;
}

/** The same for every refused target, whatever it is and whatever listens there: nothing can be learned of it. */
export const BLOCKED: Failure = { outcome: 'blocked_address', error: 'The address is not allowed.' };

/** The connection closed before the request was written: no byte of it reached anybody. */
export class ConnectionGone extends Error {}

/** The receiver sent more bytes than any honest response head and log excerpt take. */
export class ResponseTooLong extends Error {}

/** Texts of receivers get into error sentences; this much of them tells enough. */
const ERROR_CHARS_MAX = 300;

/** We are out of something: whichever receiver it was, it is not to blame. */
const OUT_OF_RESOURCES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);
/** No way out of this machine, when said by our own kernel before it sent anything. */
const NO_WAY_OUT: ReadonlySet<string> = new Set(['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

const CONNECTION_SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was reset.',
  EPIPE: 'The connection was closed while the request was sent.',
  ETIMEDOUT: 'The connection timed out.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ENETUNREACH: "The host's network cannot be reached.",
};

const TLS_SENTENCES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'The certificate has expired.',
  CERT_NOT_YET_VALID: 'The certificate is not valid yet.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is self-signed.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate is signed by an authority that is not known.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate is signed by an authority that is not known.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'The certificate chain is incomplete: the server does not send an intermediate certificate, or its authority is not known.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is not for this host.',
  ECONNRESET: 'The connection was closed during the TLS handshake.',
};

/** How a connection could not be made: by the receiver, or by us, or for want of an IPv6 network (nobody's). */
export type ConnectFault = 'receiver' | 'ours' | 'no_ipv6';

/** Judges a failed TCP connection. `local`: the kernel said so at once, before any packet could be answered. */
export function blameConnect(error: Error, address: string, local: boolean): ConnectFault {
  const code = codeOf(error);
  if (OUT_OF_RESOURCES.has(code)) return 'ours';
  if (!local || !NO_WAY_OUT.has(code)) return 'receiver';
  // A machine without IPv6 is common; a receiver that has nothing else would otherwise never run out of attempts.
  return isIPv4(address) ? 'ours' : 'no_ipv6';
}

export function describeConnect(error: Error): Failure {
  const code = codeOf(error);
  const sentence = CONNECTION_SENTENCES[code] ?? `The connection failed (${code || error.message}).`;
  return { outcome: 'connect', error: printable(sentence, ERROR_CHARS_MAX) };
}

export function describeTls(error: Error): Failure {
  const code = codeOf(error);
  const reason = (error as Error & { reason?: string }).reason ?? error.message;
  const sentence = TLS_SENTENCES[code] ?? `TLS failed: ${reason}${code === '' ? '' : ` (${code})`}.`;
  return { outcome: 'tls', error: printable(sentence, ERROR_CHARS_MAX) };
}

/** Describes what ended a request on an established connection, before there was a response head. */
export function describeRequest(error: Error): Failure {
  if (error instanceof ConnectionGone && error.cause instanceof Error) return describeRequest(error.cause);
  const code = codeOf(error);
  // With TLS 1.3 a receiver's complaint about the handshake (no client certificate) comes after it.
  if (code.startsWith('ERR_SSL_')) return describeTls(error);
  if (code in CONNECTION_SENTENCES) return describeConnect(error);
  if (
    error.message === 'other side closed' ||
    error.message === 'closed' ||
    error instanceof ConnectionGone
  ) {
    return { outcome: 'connect', error: 'The connection was closed before a complete response.' };
  }
  if (error instanceof ResponseTooLong || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return { outcome: 'protocol', error: 'The response head is too long.' };
  }
  if (error.message === 'bad upgrade') return SWITCHED;
  return { outcome: 'protocol', error: printable(error.message, ERROR_CHARS_MAX) };
}

/** 101 answers a question nobody asked. */
export const SWITCHED: Failure = {
  outcome: 'protocol',
  error: 'The receiver switched to another protocol (101).',
};

function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : '';
}
