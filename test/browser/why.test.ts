import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { HAS_BROWSER } from '../support/chromium.ts';
import type { DnsAnswer, DnsServer } from '../support/dns-server.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { expectShown, signedIn, useScene } from './scene.ts';

/** From the list of events, where somebody in support begins. */
const CLICKS_MAX = 3;

/** Counts what is clicked, and fails when it is more than somebody in support has patience for. */
function clicker(page: Page) {
  let clicks = 0;
  return async (name: string | RegExp, inside = page.getByRole('main')): Promise<void> => {
    clicks += 1;
    expect(clicks).toBeLessThanOrEqual(CLICKS_MAX);
    await inside.getByRole('link', { name }).first().click();
  };
}

describe.runIf(HAS_BROWSER)('why did it not arrive?', () => {
  // Retries are due at once or never, so that each state is reached and stays.
  let names: DnsServer;
  let answer: DnsAnswer = 'nxdomain';
  const scene = useScene(async () => {
    names = await startDnsServer((name) => (name === 'hooks.example.com' ? answer : undefined));
    return { VELAHOOK_RETRY_SCHEDULE: '100ms,1h', VELAHOOK_DNS_SERVERS: names.address };
  });
  afterAll(() => names.close());

  /** Publishes, waits until the API says that it is so, and opens the list of its events. */
  async function arrange(
    eventType: string,
    fields: Record<string, unknown> | null,
    until: (deliveries: { state: string; attemptCount: number }[]) => boolean,
  ): Promise<Page> {
    if (fields !== null) await scene.app.api.subscribe({ events: [eventType], ...fields });
    await scene.app.api.publish(eventType, { amount: 5 });
    await expect.poll(async () => until(await scene.app.api.deliveries(`eventType=${eventType}`))).toBe(true);
    const { page } = await signedIn(scene, `/events?eventType=${eventType}`);
    return page;
  }

  test('no subscription matched', async () => {
    const page = await arrange('why.nobody.asked', null, () => true);
    await clicker(page)('why.nobody.asked');
    await expectShown(page, 'No subscription matched, so nothing was sent.');
    await expectShown(page, /gets this event when its event types name/);
  });

  test('filtered out', async () => {
    const fields = { url: scene.receiver.url('/filtered'), filter: { amount: { $gte: 100 } } };
    const page = await arrange('why.filter.kept', fields, () => true);
    const click = clicker(page);
    await click('why.filter.kept');
    await expectShown(page, /Filters kept it from/);
    await click(/\/filtered$/);
    await page.getByRole('heading', { level: 1, name: /\/filtered$/ }).waitFor();
  });

  test('subscription inactive', async () => {
    const fields = { url: scene.receiver.url('/inactive'), active: false };
    const page = await arrange('why.receiver.off', fields, ([one]) => one?.state === 'skipped');
    const click = clicker(page);
    await click('why.receiver.off');
    await click('why.receiver.off', page.getByRole('table', { name: 'Deliveries' }));
    await expectShown(page, /It was never sent: its subscription was not active/);
    await click('Activate the subscription, then replay it');
    await page.getByRole('button', { name: 'Reactivate', exact: true }).waitFor();
  });

  test('still retrying', async () => {
    scene.receiver.respondAt('/retrying', { status: 503, body: 'down for maintenance' });
    const fields = { url: scene.receiver.url('/retrying') };
    const page = await arrange('why.receiver.down', fields, ([one]) => one?.attemptCount === 2);
    const click = clicker(page);
    await click('why.receiver.down');
    await click('why.receiver.down', page.getByRole('table', { name: 'Deliveries' }));
    await expectShown(page, /Still retrying: attempt 2 failed/);
    await expectShown(page, /The next attempt is in/);
    await expectShown(page, 'down for maintenance');
  });

  test('failed, and what to do: it is mended, and replayed', async () => {
    scene.receiver.respondAt('/failed', { status: 410 });
    const fields = { url: scene.receiver.url('/failed') };
    const page = await arrange('why.receiver.gone', fields, ([one]) => one?.state === 'failed');
    const click = clicker(page);
    await click('why.receiver.gone');
    await click('why.receiver.gone', page.getByRole('table', { name: 'Deliveries' }));
    await expectShown(page, /It failed\. The receiver answered 410/);
    // The receiver is mended, the subscription reactivated, and the delivery replayed.
    scene.receiver.respondAt('/failed', { status: 200 });
    await page.getByRole('link', { name: scene.receiver.url('/failed') }).click();
    await page.getByRole('button', { name: 'Reactivate', exact: true }).click();
    await page.getByText('It was deactivated').waitFor({ state: 'detached' });
    await page.goBack();
    await page.getByRole('button', { name: 'Replay' }).click();
    await expectShown(page, /It arrived/);
  });

  test('blocked address', async () => {
    // The name is not known yet when it is subscribed, and then leads into the operator's own network.
    await scene.app.api.subscribe({ events: ['why.address.refused'], url: 'https://hooks.example.com/' });
    answer = ['10.0.0.1'];
    const page = await arrange('why.address.refused', null, ([one]) => one?.attemptCount === 2);
    const click = clicker(page);
    await click('why.address.refused');
    await click('why.address.refused', page.getByRole('table', { name: 'Deliveries' }));
    await expectShown(page, /Still retrying: attempt 2 failed\..*address/);
    await expectShown(page, /Use a host name whose addresses are all public/);
    expect(await page.content()).not.toContain('10.0.0.1');
  });

  test('delivered with a 200', async () => {
    const fields = { url: scene.receiver.url('/fine') };
    const page = await arrange('why.all.well', fields, ([one]) => one?.state === 'succeeded');
    const click = clicker(page);
    await click('why.all.well');
    await click('why.all.well', page.getByRole('table', { name: 'Deliveries' }));
    await expectShown(page, 'It arrived: the receiver answered 200.');
    await expectShown(page, /look there for the delivery id att_/);
  });
});
