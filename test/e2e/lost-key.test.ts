import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Log } from '../../src/telemetry/log.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { IS_ON_POSTGRES } from '../support/test-store.ts';

const EVENT = 'some.thing.happened';
const KEYS = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')] as const;

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(() => receiver.close());

function start(keys: string, on: Record<string, string> = {}, log?: Log): Promise<TestApp> {
  const environment = { ...on, VELAHOOK_ENCRYPTION_KEY: keys };
  return startTestApp({ ca: receiver.ca, environment, ...(log ? { ports: { log } } : {}) });
}

/** A log, and the warnings that were written into it. */
function listening(): { log: Log; warnings: Record<string, unknown>[] } {
  const warnings: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(line: Buffer, _encoding, done) {
      warnings.push(JSON.parse(line.toString()) as Record<string, unknown>);
      done();
    },
  });
  return { log: pino({ level: 'warn' }, stream) as Log, warnings };
}

test('a signing secret that cannot be opened consumes no attempt, harms no other, and is used once its key is back', async () => {
  const first = await start(KEYS[0]);
  await first.api.subscribe({ url: receiver.url('/sealed'), events: [EVENT] });
  const { environment } = first;
  await first.stop(true);

  const rotating = await start(`${KEYS[1]},${KEYS[0]}`, environment);
  await rotating.api.subscribe({ url: receiver.url('/other'), events: [EVENT] });
  await rotating.stop(true);

  const { log, warnings } = listening();
  const half = await start(KEYS[1], environment, log);
  expect(warnings.filter(({ msg }) => String(msg).includes('cannot be opened'))).toMatchObject([
    { lost: 1, of: 2 },
  ]);
  await half.api.publish(EVENT, {});
  await receiver.waitFor(1, ({ path }) => path === '/other');
  await expect
    .poll(async () => (await half.api.deliveries('state=pending')).map(({ attemptCount }) => attemptCount))
    .toEqual([0]);
  await half.stop(true);

  const whole = await start(KEYS.join(','), environment);
  await receiver.waitFor(1, ({ path }) => path === '/sealed');
  await whole.stop();
});

test('keys that open nothing of what is stored are refused, until there is nothing', async () => {
  const first = await start(KEYS[0]);
  const { environment } = first;
  await first.stop(true);
  const second = await start(KEYS[1], environment);
  const { _id } = await second.api.subscribe({ url: receiver.url('/hook'), events: [EVENT] });
  await second.stop(true);

  await expect(start(KEYS[0], environment)).rejects.toThrow(
    'None of the keys given opens any of the 1 signing secrets in the store.',
  );
  const again = await start(KEYS[1], environment);
  await again.api.ok('DELETE', `/integrations/webhooks/${_id}`);
  await again.stop(true);
  await (await start(KEYS[0], environment)).stop();
});

test('a key that is lost for good is replaced, and new secrets deliver what waited', async () => {
  const first = await start(KEYS[0]);
  const { _id } = await first.api.subscribe({ url: receiver.url('/renewed'), events: [EVENT] });
  const { environment } = first;
  await first.stop(true);
  const second = await start(KEYS[1], { ...environment, VELAHOOK_ALLOW_LOST_SECRETS: 'yes' });
  await second.api.publish(EVENT, {});
  await second.api.ok('PATCH', `/integrations/webhooks/${_id}`, { secret: 'a-secret-of-sixteen' });
  await receiver.waitFor(1, ({ path }) => path === '/renewed');
  await expect.poll(async () => (await second.api.deliveries('state=succeeded')).length).toBe(1);
  await second.stop(true);
  await (await start(KEYS[1], environment)).stop();
});

test.skipIf(IS_ON_POSTGRES)(
  'a key file that is missing is not made anew where there is something to be opened',
  async () => {
    const options = (more: Record<string, string> = {}) => ({ ca: receiver.ca, environment: more });
    const first = await startTestApp(options());
    await first.api.subscribe({ url: receiver.url('/hook'), events: [EVENT] });
    const { environment } = first;
    await first.stop(true);
    unlinkSync(join(environment['VELAHOOK_DATA_DIR'] ?? '', 'encryption.key'));
    for (let start = 0; start < 2; start++)
      await expect(startTestApp(options(environment))).rejects.toThrow(/encryption\.key is missing/);
  },
);
