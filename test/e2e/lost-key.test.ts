import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { startTestApp } from '../support/test-app.ts';

const KEYS = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')] as const;

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(() => receiver.close());

test('a signing secret that cannot be opened consumes no attempt, harms no other, and is used once its key is back', async () => {
  const first = await startTestApp({ ca: receiver.ca, environment: { VELAHOOK_ENCRYPTION_KEY: KEYS[0] } });
  await first.api.subscribe({ url: receiver.url('/sealed'), events: ['some.thing.happened'] });
  const { environment } = first;
  await first.stop(true);

  const second = await startTestApp({
    ca: receiver.ca,
    environment: { ...environment, VELAHOOK_ENCRYPTION_KEY: KEYS[1] },
  });
  await second.api.subscribe({ url: receiver.url('/other'), events: ['some.thing.happened'] });
  await second.api.publish('some.thing.happened', {});
  await receiver.waitFor(1, ({ path }) => path === '/other');
  await expect
    .poll(async () => (await second.api.deliveries('state=pending')).map(({ attemptCount }) => attemptCount))
    .toEqual([0]);
  await second.stop(true);

  const third = await startTestApp({
    ca: receiver.ca,
    environment: { ...environment, VELAHOOK_ENCRYPTION_KEY: KEYS.join(',') },
  });
  await receiver.waitFor(1, ({ path }) => path === '/sealed');
  await third.stop();
});
