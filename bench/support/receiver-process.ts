/**
 * A receiver of the benchmarks, in a process of its own: answers 200, and notes how old each event is that says
 * when it was sent. A path that begins with `/after/20/` is answered 20 ms late, one with `/hang/` never.
 */
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import process from 'node:process';
import { issueCertificate, testCa } from '../../test/support/certificates.ts';

/** Asked by the parent. */
export type ReceiverQuestion = 'reset' | 'report';

export interface ReceiverReport {
  received: number;
  /** Of them, those that said when they were sent. */
  timed: number;
  /** Publish to receipt, in microseconds. */
  p50Us: number;
  p99Us: number;
  maxUs: number;
}

const SENT_AT = Buffer.from('"sentAt":"');
/** Each address is an origin of its own. */
const addresses = process.argv.slice(2);
const { cert, key } = await issueCertificate({ addresses });
let age = createHistogram();
let received = 0;
let timed = 0;

const server = createServer({ cert, key, keepAliveTimeout: 60_000 }, (request, response) => {
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
  if (url.startsWith('/hang/')) return Infinity;
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

server.listen({ port: 0, host: addresses.length === 1 ? addresses[0] : '0.0.0.0', backlog: 4_096 }, () => {
  const { port } = server.address() as AddressInfo;
  void testCa().then((ca) => process.send?.({ port, ca }));
});

process.on('message', (question: ReceiverQuestion) => {
  if (question === 'reset') {
    age = createHistogram();
    received = 0;
    timed = 0;
    process.send?.('reset');
    return;
  }
  const report: ReceiverReport = {
    received,
    timed,
    p50Us: age.percentile(50),
    p99Us: age.percentile(99),
    maxUs: age.max,
  };
  process.send?.(report);
});
process.on('disconnect', () => process.exit(0));
