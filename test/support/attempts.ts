import type { Signing } from '../../src/domain/signing.ts';
import type {
  AttemptMade,
  AttemptOrder,
  AttemptResult,
  Dispatcher,
} from '../../src/engine/dispatch/attempt-order.ts';
import { type DispatchOptions, LocalDispatcher } from '../../src/engine/dispatch/local-dispatcher.ts';
import { testCa } from './certificates.ts';

/** A dispatcher whose attempts can be awaited one by one. */
export interface Attempts {
  /** Makes one attempt; whatever is not given has a usual value. */
  result(order: Partial<AttemptOrder> & { url: string }): Promise<AttemptResult>;
  /** The same, where anything but `made` fails the test. */
  make(order: Partial<AttemptOrder> & { url: string }): Promise<AttemptMade>;
  close(): Promise<void>;
}

export const TIMEOUT_MS = 1_000;

/** The options of a dispatcher that trusts the test CA and dials the public internet and `allowNetworks`. */
export async function dispatchOptions(options: Partial<DispatchOptions> = {}): Promise<DispatchOptions> {
  return {
    userAgent: 'VelaFlows-Webhook/1.0',
    allowNetworks: ['127.0.0.2/32'],
    allowHosts: [],
    dnsServers: [],
    extraCa: await testCa(),
    failpoint: null,
    ...options,
  };
}

/** Starts a dispatcher in this thread. */
export async function startAttempts(options: Partial<DispatchOptions> = {}): Promise<Attempts> {
  return awaitable(new LocalDispatcher(await dispatchOptions(options)));
}

/** Makes any dispatcher awaitable. */
export function awaitable(dispatcher: Dispatcher): Attempts {
  const waiting = new Map<string, (result: AttemptResult) => void>();
  let count = 0;
  dispatcher.onResults((results) => {
    for (const result of results) {
      waiting.get(result.attemptId)?.(result);
      waiting.delete(result.attemptId);
    }
  });
  const result: Attempts['result'] = (given) => {
    const order = usualOrder(`att_${String(++count).padStart(24, '0')}`, given);
    return new Promise((resolve) => {
      waiting.set(order.attemptId, resolve);
      dispatcher.dispatch([order]);
    });
  };
  return {
    result,
    async make(given) {
      const end = await result(given);
      if (end.kind !== 'made') throw new Error(`The attempt was not made: ${end.error}`);
      return end;
    },
    close: () => dispatcher.close(),
  };
}

/** One secret that was configured, and no key pair. */
export function signingWith(secret: string): Signing {
  return { secrets: [secret], privateKeys: [], bodySecret: secret };
}

function usualOrder(attemptId: string, given: Partial<AttemptOrder> & { url: string }): AttemptOrder {
  return {
    attemptId,
    number: 1,
    eventId: 'evt_68f0c1a2b3c4d5e6f7a8b9c0',
    eventType: 'crm.lead.created',
    timeoutMs: TIMEOUT_MS,
    isProven: true,
    startBy: Infinity,
    signing: signingWith('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
    headers: [],
    body: Buffer.from('{"eventId":"evt_1","data":{"n":12345678901234567890,"f":1.10}}'),
    ...given,
  };
}
