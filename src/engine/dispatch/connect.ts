import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { isIP } from 'node:net';
import { systemClock } from '../../lib/clock.ts';
import type { Course } from './course.ts';
import { blameConnect, type ConnectFault, describeConnect, describeTls, type Failure } from './failure.ts';

/** Where to connect: `host` and `port` as in the URL, `addresses` judged by the guard. */
export interface Target {
  host: string;
  port: number;
  addresses: readonly string[];
}

/** How connecting ended. `fault` is a fault of ours. */
export type ConnectEnd =
  | { kind: 'connected'; socket: TLSSocket; address: string }
  | { kind: 'failure'; failure: Failure }
  | { kind: 'fault'; error: string };

/** A receiver with more addresses has them for its own load; one attempt need not try them all. */
const ADDRESSES_MAX = 4;

/**
 * What we trust: the built-in authorities, and the operator's own beside them. Made once: a context of its own
 * costs each connection about a millisecond.
 */
export function createTrust(extraCa: string | null): SecureContext {
  const ca = extraCa === null ? {} : { ca: [...getCACertificates('default'), extraCa] };
  return createSecureContext({ ...ca, minVersion: 'TLSv1.2' });
}

/**
 * Connects by TCP and TLS to one of the target's addresses, in turn. Each but the last gets an equal share of the
 * time until `deadlineAt` (of `monotonic()`); the caller's own deadline ends the last. Calls `done` once, unless
 * the returned function cancelled it before. `course` is told how it goes on; in the end it has the address that was
 * connected to, or the one that the failure is about.
 */
export function connect(
  target: Target,
  trust: SecureContext,
  deadlineAt: number,
  course: Course,
  done: (end: ConnectEnd) => void,
): () => void {
  const addresses = target.addresses.slice(0, ADDRESSES_MAX);
  let worst: Miss | null = null;
  let cancelTrial: () => void = () => undefined;

  const next = (index: number): void => {
    const address = addresses[index];
    if (address === undefined) {
      course.remoteAddress = worst?.address ?? null;
      return done(conclude(worst));
    }
    const left = addresses.length - index;
    const shareMs = left > 1 ? (deadlineAt - systemClock.monotonic()) / left : null;
    course.remoteAddress = address;
    cancelTrial = tryAddress(target, address, trust, shareMs, course, (result) => {
      if (!('blame' in result)) return done({ kind: 'connected', socket: result, address });
      if (worst === null || WEIGHT[result.blame] >= WEIGHT[worst.blame]) worst = result;
      next(index + 1);
    });
  };
  next(0);
  return () => cancelTrial();
}

/** Whichever address says most decides: what the receiver did, then what we could not, then the lack of IPv6. */
const WEIGHT: Readonly<Record<ConnectFault, number>> = { receiver: 2, ours: 1, no_ipv6: 0 };

interface Miss {
  address: string;
  blame: ConnectFault;
  failure: Failure;
}

function conclude(worst: Miss | null): ConnectEnd {
  if (worst === null) throw new Error('a target without addresses');
  if (worst.blame === 'ours') return { kind: 'fault', error: `We cannot connect: ${worst.failure.error}` };
  return { kind: 'failure', failure: worst.failure };
}

/** Tries one address, for `shareMs` at most if given. Calls `done` once, unless cancelled before. */
function tryAddress(
  target: Target,
  address: string,
  trust: SecureContext,
  shareMs: number | null,
  course: Course,
  done: (result: TLSSocket | Miss) => void,
): () => void {
  let isConnected = false;
  let isLocal = true;
  course.begin('connectMs');
  const socket = connectTls({
    host: address,
    port: target.port,
    // An address is no name: RFC 6066 forbids it in SNI; the certificate is then checked for the address.
    servername: isIP(target.host) === 0 ? target.host : '',
    secureContext: trust,
    ALPNProtocols: ['http/1.1'],
    // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would turn the default off.
    rejectUnauthorized: true,
    checkServerIdentity: checkIdentity,
  });
  socket.setNoDelay(true);
  const timer = shareMs === null ? undefined : setTimeout(() => end(timedOut(address)), shareMs);
  // What fails before the event loop turns was not answered by anybody: our own kernel refused.
  const turn = setImmediate(() => (isLocal = false));

  const end = (result: TLSSocket | Miss): void => {
    release();
    if (result !== socket) destroyQuietly(socket);
    done(result);
  };
  const onConnect = () => {
    isConnected = true;
    course.begin('tlsMs');
  };
  const onError = (error: Error) =>
    end(
      isConnected
        ? { address, blame: 'receiver', failure: describeTls(error) }
        : { address, blame: blameConnect(error, address, isLocal), failure: describeConnect(error) },
    );
  const onSecure = () => end(socket);
  const release = () => {
    clearTimeout(timer);
    clearImmediate(turn);
    socket.off('connect', onConnect).off('error', onError).off('secureConnect', onSecure);
  };
  socket.on('connect', onConnect).on('error', onError).on('secureConnect', onSecure);
  return () => {
    release();
    destroyQuietly(socket);
  };
}

function timedOut(address: string): Miss {
  const error = Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
  return { address, blame: 'receiver', failure: describeConnect(error) };
}

/** A socket that nobody waits for may still fail, and an error without a listener ends the process. */
function destroyQuietly(socket: TLSSocket): void {
  socket.on('error', () => undefined);
  socket.destroy();
}

/**
 * Node's check, and no falling back on the subject's common name, which browsers gave up in 2017 (RFC 9525
 * forbids it): whoever issues one may not have checked it.
 */
function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  if (certificate.subjectaltname === undefined) {
    return Object.assign(new Error('no subject alternative name'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  }
  return checkServerIdentity(host, certificate);
}
