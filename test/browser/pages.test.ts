import { describe, expect, test } from 'vitest';
import { HAS_BROWSER } from '../support/chromium.ts';
import { expectShown, signedIn, useScene } from './scene.ts';

const EVENT = 'customer.created';

describe.runIf(HAS_BROWSER)('what happens in a workspace', () => {
  const scene = useScene();

  test('is in the live tail as it happens, and waits there while somebody reads', async () => {
    const { page, complaints } = await signedIn(scene, '/live');
    await expectShown(page, 'Nothing has happened yet');
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    await scene.app.api.subscribe({ url: scene.receiver.url('/live'), events: [EVENT] });
    await scene.app.api.publish(EVENT, { n: 1 });
    const log = page.getByRole('log');
    await log.getByText('succeeded').waitFor();
    expect(await log.getByText('attempt', { exact: true }).count()).toBe(1);
    await page.getByRole('button', { name: 'Pause' }).click();
    await scene.app.api.publish(EVENT, { n: 2 });
    const goOn = page.getByRole('button', { name: /^Go on \(3 new\)$/ });
    await goOn.waitFor();
    expect(await log.getByText('attempt', { exact: true }).count()).toBe(1);
    await goOn.click();
    await expect.poll(() => log.getByText('attempt', { exact: true }).count()).toBe(2);
    await page.getByText('event', { exact: true }).first().click();
    await scene.app.api.publish(EVENT, { n: 3 });
    await expect.poll(() => log.getByText('attempt', { exact: true }).count()).toBe(3);
    expect(await log.getByText('event', { exact: true }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('is summed up in the overview, also as a table', async () => {
    const { page } = await signedIn(scene, '/');
    const published = page.getByText('Events published').locator('..');
    await expect.poll(() => published.textContent()).toBe('Events published3');
    await scene.app.api.publish(EVENT, { n: 4 });
    // By the live stream: nobody loads the page anew.
    await expect.poll(() => published.textContent()).toBe('Events published4');
    await page.getByRole('button', { name: 'As a table' }).first().click();
    await page.getByRole('columnheader', { name: 'Published' }).waitFor();
    await page.getByText('Hour', { exact: true }).click();
    await expect.poll(() => page.url()).toContain('window=1h');
  });

  test('is found by an id, from any page', async () => {
    const [delivery] = await scene.app.api.deliveries();
    const { page } = await signedIn(scene, '/settings');
    const search = page.getByRole('search').getByRole('textbox');
    for (const [id, url] of [
      [delivery?.eventId, '/events/'],
      [delivery?._id, '/deliveries/'],
      [delivery?.subscriptionId, '/subscriptions/'],
    ]) {
      await search.fill(id ?? '');
      await search.press('Enter');
      await expect.poll(() => page.url()).toContain(`${url}${id}`);
    }
  });

  test('is filtered in the list of deliveries, in an address that can be passed on', async () => {
    const { page } = await signedIn(scene, '/deliveries?state=succeeded');
    const rows = page.getByRole('table', { name: 'Deliveries' }).getByRole('row');
    await expect.poll(() => rows.count()).toBe(5);
    await page.getByLabel('Event type').fill('crm.lead.created');
    await expectShown(page, 'None matches these filters.');
    await page.goto(page.url());
    await expectShown(page, 'None matches these filters.');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await expect.poll(() => rows.count()).toBe(5);
  });

  test('is not lost to an address that is wrong', async () => {
    const { page, complaints } = await signedIn(scene, '/deliveries?since=yesterday&state=nonsense');
    await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
    await page.getByRole('alert').getByText('This list could not be loaded').waitFor();
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await page.getByRole('table', { name: 'Deliveries' }).getByRole('row').nth(1).waitFor();
    expect(complaints).toEqual([]);
  });

  test('is explained by the catalogue: a type, who subscribes, how to verify, in the language that was chosen', async () => {
    const { page } = await signedIn(scene, '/catalogue');
    await page.getByRole('textbox', { name: 'Search', exact: true }).fill('customer.created');
    await page.getByRole('link', { name: EVENT, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: EVENT }).waitFor();
    await page.getByRole('link', { name: scene.receiver.url('/live').replace('https://', '') }).waitFor();
    await page.getByLabel('Language').first().click();
    await page.getByRole('option', { name: 'Python' }).click();
    await page.reload();
    await expectShown(page, /import/);
    await page.getByRole('link', { name: 'Subscribe to it' }).click();
    await page.getByRole('button', { name: `Remove ${EVENT}` }).waitFor();
  });

  test('is replayed and erased by jobs that show their progress', async () => {
    const [{ subscriptionId = '' } = {}] = await scene.app.api.deliveries();
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const body = { since, states: ['succeeded'] };
    await scene.app.api.ok('POST', `/integrations/webhooks/${subscriptionId}/replay`, body);
    const { page } = await signedIn(scene, '/jobs');
    await expectShown(page, '4 of 4');
    await page.getByRole('button', { name: 'Erase what mentions somebody' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Where in data the value is').fill('$.n');
    await dialog.getByText('a number', { exact: true }).click();
    await dialog.getByRole('textbox', { name: /^Value/ }).fill('2');
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect
      .poll(async () => {
        const { items } = await scene.app.api.ok<{ items: { erasedAt: string | null }[] }>('GET', '/events');
        return items.filter(({ erasedAt }) => erasedAt !== null).length;
      })
      .toBe(1);
  });

  test('and who changed what is in the audit log', async () => {
    const { page } = await signedIn(scene, '/audit');
    await page.getByRole('table', { name: 'Audit log' }).waitFor();
    await expectShown(page, /subscription created/i);
    await expectShown(page, 'signed in');
  });
});
