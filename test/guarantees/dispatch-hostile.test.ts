import type { Socket } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Attempts, startAttempts, TIMEOUT_MS } from '../support/attempts.ts';
import { type RawReceiver, startRawReceiver } from '../support/raw-receiver.ts';

let answer: (socket: Socket) => void;
let receiver: RawReceiver;
let attempts: Attempts;
beforeAll(async () => {
  receiver = await startRawReceiver((socket) => answer(socket), { host: '127.0.0.2' });
  attempts = await startAttempts();
});
afterAll(async () => {
  await attempts.close();
  await receiver.close();
});

const PIECES = [
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 204 No Content\r\n',
  'HTTP/1.0 500 No\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  'HTTP/1.1 1',
  'HTTP/',
  'content-length: 5\r\n',
  'content-length: 0\r\n',
  'content-length: 99999999999999999999\r\n',
  'transfer-encoding: chunked\r\n',
  'transfer-encoding: gzip, chunked\r\n',
  'connection: close\r\n',
  'connection: keep-alive\r\nkeep-alive: timeout=5\r\n',
  'connection: upgrade\r\nupgrade: h2c\r\n',
  'trailer: x\r\n',
  'x: y\r\n folded\r\n',
  '\r\n',
  '\n',
  '\r',
  '5\r\nhello\r\n',
  'ffffffffffffffff\r\n',
  '0\r\n\r\n',
  '0\r\nx: y\r\n\r\n',
  'hello',
  '\0\u00ff',
  'a'.repeat(20_000),
];

test('whatever a receiver sends, each attempt ends once, in time, and the dispatcher lives', async () => {
  const bytes = fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 5 })), {
      maxLength: 12,
    })
    .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
  const begin = fc.constantFrom('', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  const end = fc.constantFrom('end', 'reset', 'stay');
  await fc.assert(
    fc.asyncProperty(begin, bytes, fc.nat(), end, async (start, rest, cut, end) => {
      const all = Buffer.concat([Buffer.from(start), rest]);
      const at = cut % (all.length + 1);
      answer = (socket) => {
        socket.write(all.subarray(0, at));
        setImmediate(() => {
          socket.write(all.subarray(at));
          if (end === 'end') socket.end();
          if (end === 'reset') socket.destroy();
        });
      };
      const startedAt = performance.now();
      const timeoutMs = end === 'stay' ? 30 : TIMEOUT_MS;
      const result = await attempts.make({ url: receiver.url(), timeoutMs });
      expect(performance.now() - startedAt).toBeLessThan(timeoutMs + 500);
      expect(result.error?.length ?? 0).toBeLessThanOrEqual(300);
      expect(possibleOutcomes(result.statusCode)).toContain(result.outcome);
    }),
    { numRuns: 400 },
  );
});

function possibleOutcomes(statusCode: number | null): string[] {
  if (statusCode === null) return ['timeout', 'connect', 'protocol'];
  return statusCode >= 200 && statusCode < 300 ? ['success'] : ['http_status'];
}
