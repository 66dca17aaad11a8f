import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliveryDetailAnswer } from '../support/api-client.ts';
import { drained } from '../support/audit.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

let receiver: Receiver;
let app: TestApp;
beforeAll(async () => {
  receiver = await startReceiver();
  app = await startTestApp({ ca: receiver.ca });
});
afterAll(async () => {
  await app.stop();
  await receiver.close();
});

/** What is kept of a response, once it was answered to one event. */
async function keptOf(response: string): Promise<unknown> {
  receiver.respondAt('/redacted', { body: response });
  const { eventId } = await app.api.publish('crm.lead.created', { mail: 'in the event' });
  await drained(app.api, 20_000);
  const [delivery] = await app.api.deliveries(`eventId=${eventId}`);
  const { attempts } = await app.api.delivery(delivery?._id ?? '');
  return (attempts as (DeliveryDetailAnswer['attempts'][number] & { responseBody: unknown })[])[0]
    ?.responseBody;
}

test('what a workspace redacts is in no stored response; what is sent stays as it is', async () => {
  await app.api.subscribe({ url: receiver.url('/redacted'), events: ['crm.*'] });
  const response = '{"who":{"mail":"canary@example.com"},"n":12345678901234567890}';
  expect(await keptOf(response)).toBe(response);
  await app.api.ok('PATCH', '/workspace/settings', { redactionPaths: ['$.who.mail', '$.mail'] });
  expect(await keptOf(response)).toBe('{"who":{"mail":"[redacted]"},"n":12345678901234567890}');
  expect(await keptOf('<p>canary@example.com</p>')).toBe('"[redacted]"');
  const long = `{"pad":"${'x'.repeat(16_000)}","who":{"mail":"${'canary'.repeat(200)}"}}`;
  expect(await keptOf(long)).toBe(`{"pad":"${'x'.repeat(16_000)}","who":{"mail":"[redacted]"`);
  await app.api.ok('PATCH', '/workspace/settings', { redactionPaths: [] });
  expect(await keptOf(response)).toBe(response);
  const bodies = receiver.requests.map(({ body }) => JSON.parse(body.toString()) as { data: unknown });
  for (const { data } of bodies) expect(data).toEqual({ mail: 'in the event' });
});
