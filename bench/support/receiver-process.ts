/** The receiver of the benchmark, in a process of its own: answers 200, and notes how old each event is. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import process from 'node:process';
import { issueCertificate, testCa } from '../../test/support/certificates.ts';

/** Asked by the parent. */
export type ReceiverQuestion = 'reset' | 'report';

export interface ReceiverReport {
  received: number;
  /** Publish to receipt, in microseconds. */
  p50Us: number;
  p99Us: number;
  maxUs: number;
}

const SENT_AT = Buffer.from('"sentAt":"');
const { cert, key } = await issueCertificate({ addresses: ['127.0.0.1'] });
let age = createHistogram();
let received = 0;

const server = createServer({ cert, key, keepAliveTimeout: 60_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    note(body ?? Buffer.alloc(0));
    if (request.url?.startsWith('/hang')) return;
    response.writeHead(200, { 'content-length': 2 });
    response.end('ok');
  });
});

function note(body: Buffer): void {
  received += 1;
  const at = body.indexOf(SENT_AT);
  if (at < 0) return;
  const sentAt = BigInt(
    body.toString('latin1', at + SENT_AT.length, body.indexOf(0x22, at + SENT_AT.length)),
  );
  const us = Number((process.hrtime.bigint() - sentAt) / 1000n);
  age.record(Math.max(1, us));
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  void testCa().then((ca) => process.send?.({ port, ca }));
});

process.on('message', (question: ReceiverQuestion) => {
  if (question === 'reset') {
    age = createHistogram();
    received = 0;
    process.send?.('reset');
    return;
  }
  const report: ReceiverReport = {
    received,
    p50Us: age.percentile(50),
    p99Us: age.percentile(99),
    maxUs: age.max,
  };
  process.send?.(report);
});
process.on('disconnect', () => process.exit(0));
