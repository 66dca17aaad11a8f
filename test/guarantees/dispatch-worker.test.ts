import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { AttemptOrder, AttemptResult } from '../../src/engine/dispatch/attempt-order.ts';
import { packOrders, packResults, unpackOrders, unpackResults } from '../../src/engine/dispatch/batch.ts';
import type { DispatchOptions } from '../../src/engine/dispatch/local-dispatcher.ts';
import { createDispatcher } from '../../src/engine/dispatch/worker-dispatcher.ts';
import { type Attempts, awaitable, dispatchOptions } from '../support/attempts.ts';
import { startRawReceiver } from '../support/raw-receiver.ts';
import { startReceiver } from '../support/receiver.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function startWorker(
  options: Partial<DispatchOptions> = {},
): Promise<{ attempts: Attempts; deaths: Error[] }> {
  const deaths: Error[] = [];
  const onDeath = (error: Error) => void deaths.push(error);
  const attempts = awaitable(createDispatcher({ ...(await dispatchOptions(options)), onDeath }));
  cleanups.push(attempts.close);
  return { attempts, deaths };
}

async function startPublicReceiver() {
  const receiver = await startReceiver({ host: '127.0.0.2' });
  cleanups.push(receiver.close);
  return receiver;
}

describe('the dispatch worker', () => {
  test('makes every attempt it is given, with its own body, and tells each result once', async () => {
    const receiver = await startPublicReceiver();
    receiver.respond((request) => ({ body: request.body }));
    const { attempts } = await startWorker();
    const bodies = Array.from({ length: 300 }, (_, n) =>
      Buffer.from(`{"n":${n},"x":"${'é'.repeat(n * 7)}"}`),
    );
    const results = await Promise.all(
      bodies.map((body) => attempts.make({ url: receiver.url(), body, timeoutMs: 20_000 })),
    );
    for (const [index, result] of results.entries()) {
      expect(result.outcome).toBe('success');
      expect(
        Buffer.from(result.responseBody ?? []).equals(bodies[index]?.subarray(0, 16_384) ?? Buffer.alloc(0)),
      ).toBe(true);
    }
    expect(receiver.requests).toHaveLength(300);
  });

  test('tells of its death', async () => {
    // A resolver at no address cannot be made, so that the worker ends as it starts.
    const { deaths } = await startWorker({ dnsServers: ['nonsense'] });
    await expect.poll(() => deaths).toHaveLength(1);
    expect(deaths[0]?.message).toBe('The dispatch worker ended (exit code 1).');
    expect(deaths[0]?.cause).toBeInstanceOf(Error);
  });

  test('ends without a death when it is closed', async () => {
    const { attempts, deaths } = await startWorker();
    await attempts.close();
    expect(deaths).toEqual([]);
  });
});

/** Runs one attempt in a process of its own. */
async function runChild(options: DispatchOptions, url: string, env: NodeJS.ProcessEnv = {}) {
  const script = fileURLToPath(new URL('../support/dispatch-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options), url], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise<{ signal: NodeJS.Signals | null; output: string }>((resolve) => {
    child.on('close', (_code, signal) => resolve({ signal, output }));
  });
}

describe('a process', () => {
  test('takes no proxy from its environment', async () => {
    const receiver = await startPublicReceiver();
    const sink = await startRawReceiver(() => undefined, { transport: 'tcp' });
    cleanups.push(sink.close);
    const proxy = `http://127.0.0.1:${sink.port}`;
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
    const env = {
      ...Object.fromEntries(names.map((name) => [name, proxy])),
      NODE_USE_ENV_PROXY: '1',
      NO_PROXY: '',
    };
    const { output } = await runChild(await dispatchOptions(), receiver.url(), env);
    expect(JSON.parse(output)).toMatchObject({ outcome: 'success' });
    expect(sink.connections).toBe(0);
  });

  test('dies at its failpoint after the response has come and before anybody is told', async () => {
    const receiver = await startPublicReceiver();
    const options = await dispatchOptions({ failpoint: 'after-post-before-record' });
    expect(await runChild(options, receiver.url())).toEqual({ signal: 'SIGKILL', output: '' });
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('a batch', () => {
  const bytes = fc.uint8Array({ maxLength: 40 });

  test('of orders comes out as it went in', () => {
    const order = fc.record<AttemptOrder>({
      attemptId: fc.string(),
      number: fc.nat(),
      eventId: fc.string(),
      eventType: fc.string(),
      url: fc.string(),
      timeoutMs: fc.nat(),
      isProven: fc.boolean(),
      startBy: fc.double({ noNaN: true }),
      signing: fc.record({
        secrets: fc.array(fc.string({ unit: 'binary' })),
        privateKeys: fc.array(fc.string()),
        bodySecret: fc.option(fc.string()),
      }),
      headers: fc.array(fc.string()),
      body: bytes,
    });
    fc.assert(
      fc.property(fc.array(order), fc.nat(5), (orders, copies) => {
        const all = orders.flatMap((one) => Array.from({ length: copies + 1 }, () => one));
        expect(unpackOrders(structuredClone(packOrders(all)))).toEqual(all);
      }),
    );
  });

  test('sends the body of one event to many subscriptions once', () => {
    const body = new Uint8Array(1000);
    const order = {
      attemptId: 'a',
      number: 1,
      eventId: 'e',
      eventType: 't',
      url: 'u',
      timeoutMs: 1,
      isProven: true,
      startBy: Infinity,
      signing: { secrets: ['s'], privateKeys: [], bodySecret: 's' },
      headers: [],
      body,
    };
    expect(packOrders([order, order, order]).bytes.byteLength).toBe(1000);
  });

  test('of results comes out as it went in', () => {
    const made = fc.record({
      kind: fc.constant('made' as const),
      attemptId: fc.string(),
      outcome: fc.constantFrom('success' as const, 'timeout' as const),
      statusCode: fc.option(fc.nat(999)),
      startedAt: fc.nat(),
      durationMs: fc.nat(),
      elapsedMs: fc.nat(),
      error: fc.option(fc.string()),
      responseBody: fc.option(bytes),
      responseTruncated: fc.boolean(),
      responseHeaders: fc.option(fc.string()),
      timing: fc.string(),
      remoteAddress: fc.option(fc.string()),
      sentAtS: fc.option(fc.nat()),
      retryAfterMs: fc.option(fc.nat()),
    });
    const notMade = fc.record({
      kind: fc.constant('not_made' as const),
      attemptId: fc.string(),
      error: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(made, notMade)), (results: AttemptResult[]) => {
        expect(unpackResults(structuredClone(packResults(results)))).toEqual(results);
      }),
    );
  });
});
