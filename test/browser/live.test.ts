import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { HAS_BROWSER } from '../support/chromium.ts';
import { WORKSPACE_ID } from '../support/server-process.ts';
import { visit } from '../support/browser.ts';
import { expectShown, signedIn, useScene } from './scene.ts';

const EVENT = 'customer.created';
const ADMIN_TOKEN = `sk_admin_${'a'.repeat(24)}`;
const STREAM = '**/api/v1/stream?*';
/** What is old is read again after so long; what is not live, so often. */
const REFRESH_MS = 2_000;
const POLL_MS = 15_000;
const PHONE = { width: 390 };

describe.runIf(HAS_BROWSER)('the live tail', () => {
  const scene = useScene(() => Promise.resolve({ VELAHOOK_ADMIN_TOKEN: ADMIN_TOKEN }));
  const sign = (page: Page) => page.getByRole('status').filter({ hasText: /Live|Offline|Not live/ });

  test('shows what is asked for, of what is there as of what comes', async () => {
    const { page, complaints } = await signedIn(scene, '/live');
    await expectShown(page, 'Nothing has happened yet');
    const log = page.getByRole('log');
    const count = (kind: string) => log.getByText(kind, { exact: true }).count();
    const chip = (kind: string) => page.getByRole('group', { name: 'What is shown' }).getByText(kind);
    await scene.app.api.subscribe({ url: scene.receiver.url('/live'), events: [EVENT] });
    await scene.app.api.publish(EVENT, {});
    await expect.poll(() => count('delivery')).toBe(1);
    await chip('event').click();
    await expect.poll(() => count('event')).toBe(0);
    expect([await count('attempt'), await count('delivery')]).toEqual([1, 1]);

    await page.getByRole('button', { name: 'Pause' }).click();
    await scene.app.api.publish(EVENT, {});
    await page.getByRole('button', { name: 'Go on (2 new)' }).waitFor();
    await chip('delivery').click();
    await page.getByRole('button', { name: 'Go on (1 new)' }).click();
    await expect.poll(() => count('attempt')).toBe(2);
    expect(await count('delivery')).toBe(0);

    // None stays none, also in an address that is passed on.
    for (const kind of ['attempt', 'subscription']) await chip(kind).click();
    await expectShown(page, 'No kind is chosen');
    await page.reload();
    await expectShown(page, 'No kind is chosen');
    expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(0);
    for (const kind of ['event', 'attempt', 'delivery', 'subscription']) await chip(kind).click();
    await expectShown(page, 'Nothing has happened yet');
    expect(new URL(page.url()).search).toBe('');
    expect(complaints).toEqual([]);
  });

  test('takes what is typed as it is typed', async () => {
    const { page } = await signedIn(scene, '/live?kinds=event');
    const field = page.getByLabel('Type begins with');
    await field.pressSequentially('tomer.');
    await field.press('Home');
    await field.pressSequentially('cus');
    expect(await field.inputValue()).toBe('customer.');
    await expect.poll(() => new URL(page.url()).search).toBe('?eventTypes=customer.&kinds=event');
    await expectShown(page, 'Nothing that matches has happened yet');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('?kinds=event');
  });

  test('says that it is not live, and why, on a phone too', async () => {
    const { page } = await signedIn(scene, '/', PHONE);
    await page.route(STREAM, (route) => route.abort());
    await page.goto(`${scene.app.app.url}/w/${WORKSPACE_ID}/live`);
    await expectShown(page, 'The connection was lost; it is made again by itself.');
    expect(await sign(page).textContent()).toBe('Offline');
    expect(await sign(page).isVisible()).toBe(true);
    await page.unroute(STREAM);
    await expectShown(page, 'Nothing has happened yet');
    expect(await sign(page).isVisible()).toBe(false);
    await page.route(STREAM, (route) => route.fulfill({ status: 403, body: '{}' }));
    await page.reload();
    await expectShown(page, 'The live stream was refused');
    expect(await sign(page).textContent()).toBe('Not live');
    expect(await sign(page).isVisible()).toBe(true);
  });

  test('is not for everyone: without it pages are read again every now and then', async () => {
    const { token } = await scene.app.api.ok<{ token: { token: string } }>(
      'POST',
      '/tokens',
      { workspaceId: WORKSPACE_ID, name: 'Looks at deliveries', scopes: ['deliveries:read'] },
      { Authorization: `Bearer ${ADMIN_TOKEN}` },
    );
    const { page, context } = await visit(scene.browser, PHONE);
    const { url } = scene.app.app;
    await context.request.post(`${url}/api/v1/session`, { data: { token: token.token } });
    await page.clock.install();
    await page.goto(`${url}/w/${WORKSPACE_ID}/deliveries`);
    await page.getByRole('table', { name: 'Deliveries' }).waitFor();
    await page.getByRole('status').filter({ hasText: 'Not live' }).hover();
    await expectShown(page, 'The live stream is not among what may be read here');
    await scene.app.api.subscribe({ url: scene.receiver.url('/polled'), events: ['customer.polled'] });
    await scene.app.api.publish('customer.polled', {});
    await page.clock.runFor(POLL_MS + REFRESH_MS);
    await page.getByRole('table', { name: 'Deliveries' }).getByText('customer.polled').waitFor();
  });

  test('does not disturb what is being read, however much happens: it is read once more', async () => {
    await scene.app.api.subscribe({ url: scene.receiver.url('/slow'), events: ['customer.slow'] });
    await scene.app.api.publish('customer.slow', {});
    const { page } = await signedIn(scene, '/settings');
    const reads: PromiseWithResolvers<void>[] = [];
    const cancelled: string[] = [];
    page.on('requestfailed', (request) => cancelled.push(request.url()));
    await page.route('**/api/v1/deliveries?*', async (route) => {
      const read = Promise.withResolvers<void>();
      reads.push(read);
      await read.promise;
      await route.continue();
    });
    await page.route(STREAM, (route) =>
      route.fulfill({
        headers: { 'content-type': 'text/event-stream' },
        body: 'id: 1\nevent: missed\ndata: {"count":1}\n\n',
      }),
    );
    const rows = page.getByRole('table', { name: 'Deliveries' });
    await page.clock.install();
    await page.goto(`${scene.app.app.url}/w/${WORKSPACE_ID}/deliveries`);
    await expect.poll(() => reads.length).toBe(1);
    reads[0]?.resolve();
    await rows.getByText('customer.slow').first().waitFor();
    // By what the stream has missed.
    await page.clock.runFor(REFRESH_MS);
    await expect.poll(() => reads.length).toBe(2);
    await scene.app.api.publish('customer.slow', {});
    for (let i = 0; i < 3; i += 1) {
      await page.waitForResponse(STREAM);
      await page.clock.runFor(REFRESH_MS);
    }
    expect(reads.length).toBe(2);
    reads[1]?.resolve();
    await expect.poll(() => rows.getByText('customer.slow').count()).toBe(2);
    await page.clock.runFor(REFRESH_MS);
    await expect.poll(() => reads.length).toBe(3);
    expect(cancelled).toEqual([]);
    reads[2]?.resolve();
  });
});
