/**
 * A receiver of the benchmarks, in a process of its own: answers 200, and notes how old each event is that says
 * when it was sent. A path that begins with `/after/20/` is answered 20 ms late, one with `/hang/` never, one with
 * `/turn/` not while the receiver is told to hang.
 */
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import process from 'node:process';
import type { ServerCertificate } from '../../test/support/certificates.ts';

/** Told by the parent first. */
export interface ReceiverStart {
  /** The certificate is for all of them; each is an origin of its own. */
  addresses: readonly string[];
  certificate: ServerCertificate;
}

/** Asked by the parent. */
export type ReceiverQuestion = 'reset' | 'report' | 'hang' | 'answer';

export interface ReceiverReport {
  received: number;
  /** Of them, those that said when they were sent. */
  timed: number;
  /** Publish to receipt, in microseconds. */
  p50Us: number;
  p99Us: number;
  maxUs: number;
}

/** A thousand receivers behind one port are called at once. */
const CONNECTIONS_WAITING_MAX = 4_096;
const SENT_AT = Buffer.from('"sentAt":"');
let age = createHistogram();
let received = 0;
let timed = 0;
let isHanging = false;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    note(body ?? Buffer.alloc(0));
    const delayMs = delayOf(request);
    const answer = (): void => {
      response.writeHead(200, { 'content-length': 2 });
      response.end('ok');
    };
    if (delayMs === 0) answer();
    else if (delayMs < Infinity) setTimeout(answer, delayMs);
  });
});

function delayOf({ url = '' }: IncomingMessage): number {
  if (url.startsWith('/hang/') || (isHanging && url.startsWith('/turn/'))) return Infinity;
  return url.startsWith('/after/') ? Number.parseInt(url.slice('/after/'.length), 10) : 0;
}

function note(body: Buffer): void {
  received += 1;
  const at = body.indexOf(SENT_AT);
  if (at < 0) return;
  const sentAt = BigInt(
    body.toString('latin1', at + SENT_AT.length, body.indexOf(0x22, at + SENT_AT.length)),
  );
  const us = Number((process.hrtime.bigint() - sentAt) / 1000n);
  age.record(Math.max(1, us));
  timed += 1;
}

function start({ addresses, certificate }: ReceiverStart): void {
  server.setSecureContext(certificate);
  const host = addresses.length === 1 ? addresses[0] : '0.0.0.0';
  server.listen({ port: 0, host, backlog: CONNECTIONS_WAITING_MAX }, () => {
    process.send?.({ port: (server.address() as AddressInfo).port });
  });
}

function reset(): void {
  age = createHistogram();
  received = 0;
  timed = 0;
}

function report(): ReceiverReport {
  return {
    received,
    timed,
    p50Us: age.percentile(50),
    p99Us: age.percentile(99),
    maxUs: age.max,
  };
}

process.on('message', (message: ReceiverStart | ReceiverQuestion) => {
  if (message === 'report') {
    process.send?.(report());
    return;
  }
  if (typeof message === 'object') {
    start(message);
    return;
  }
  if (message === 'reset') reset();
  else isHanging = message === 'hang';
  process.send?.('done');
});
process.on('disconnect', () => process.exit(0));
