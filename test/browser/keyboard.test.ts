import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { visit } from '../support/browser.ts';
import { HAS_BROWSER } from '../support/chromium.ts';
import { TOKEN } from '../support/server-process.ts';
import { signedIn, useScene } from './scene.ts';

const EVENT = 'crm.lead.created';
/** More than any page has to be passed over. */
const STEPS_MAX = 60;

/** Nobody has a mouse here: that what can be clicked can be focused, and the focus be seen, is tested beside axe. */
describe.runIf(HAS_BROWSER)('by keyboard alone', () => {
  const scene = useScene();

  test('somebody signs in, skips to the page, makes a subscription, and is told its secret', async () => {
    const { page, complaints } = await visit(scene.browser);
    await page.goto(scene.app.app.url);
    await goTo(page, page.getByLabel('Token'));
    await page.keyboard.type(TOKEN);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();

    const skip = page.getByRole('button', { name: 'Skip to the page' });
    expect(await isInSight(skip)).toBe(false);
    await page.keyboard.press('Tab');
    expect(await hasFocus(skip)).toBe(true);
    expect(await isInSight(skip)).toBe(true);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await hasFocus(page.getByRole('main').locator(':focus'))).toBe(true);

    await goTo(page, page.getByRole('link', { name: 'Subscriptions', exact: true }), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Subscriptions' }).waitFor();
    // Of the new page, not of the navigation: that was passed already.
    await goTo(page, page.getByRole('link', { name: 'New subscription' }), 'Tab', 2);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'New subscription' }).waitFor();

    await goTo(page, page.getByLabel('URL'));
    await page.keyboard.type(scene.receiver.url('/typed'));
    await goTo(page, page.getByPlaceholder('Search', { exact: true }));
    await page.keyboard.type('lead.created');
    await goTo(page, page.getByRole('checkbox', { name: EVENT }));
    await page.keyboard.press('Space');
    // Chosen and taken away again, and the focus is not lost with what had it.
    await goTo(page, page.getByRole('button', { name: `Remove ${EVENT}` }), 'Shift+Tab');
    await page.keyboard.press('Enter');
    expect(await hasFocus(page.getByRole('group', { name: 'Event types' }).locator(':focus'))).toBe(true);
    await goTo(page, page.getByRole('checkbox', { name: EVENT }));
    await page.keyboard.press('Space');
    await goTo(page, page.getByRole('button', { name: 'Create', exact: true }));
    await page.keyboard.press('Enter');
    const secret = page.getByRole('region', { name: 'Signing secret' });
    await secret.waitFor();
    await goTo(page, page.getByRole('link', { name: 'To the subscription' }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /\/typed$/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('tabs are changed, a menu opened, a dialog holds the focus and gives it back', async () => {
    const { _id } = await scene.app.api.subscribe({ url: scene.receiver.url('/asked'), events: ['auth.*'] });
    const { page } = await signedIn(scene, `/subscriptions/${_id}`);
    await page.getByRole('tab').first().waitFor();
    await goTo(page, page.getByRole('tab', { selected: true }));
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.url()).toContain('tab=');

    const more = page.getByRole('button', { name: 'More actions' });
    await goTo(page, more, 'Shift+Tab');
    await page.keyboard.press('Enter');
    const remove = page.getByRole('menuitem', { name: 'Delete' });
    await goTo(page, remove, 'ArrowDown');
    await page.keyboard.press('Escape');
    await remove.waitFor({ state: 'detached' });
    await expect.poll(() => hasFocus(more)).toBe(true);
    await page.keyboard.press('Enter');
    await goTo(page, remove, 'ArrowDown');
    await page.keyboard.press('Enter');

    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await expect.poll(() => hasFocus(dialog.locator(':focus'))).toBe(true);
    const passed = new Set<string>();
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      passed.add((await dialog.locator(':focus').ariaSnapshot()).split('\n')[0]?.replace(/:$/, '') ?? '');
    }
    // Round and round, and never behind it.
    expect([...passed]).toEqual(expect.arrayContaining(['- button "Delete"', '- button "Close"']));
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => hasFocus(more)).toBe(true);

    await page.keyboard.press('Enter');
    await goTo(page, remove, 'ArrowDown');
    await page.keyboard.press('Enter');
    await goTo(page, dialog.getByRole('button', { name: 'Delete' }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Subscriptions' }).waitFor();
    expect((await scene.app.api.call('GET', `/integrations/webhooks/${_id}`)).status).toBe(404);
  });

  test('a list is filtered, walked to its end and opened', async () => {
    await scene.app.api.subscribe({ url: scene.receiver.url('/listed'), events: [EVENT] });
    await scene.app.api.publishMany(EVENT, 40);
    await scene.receiver.waitFor(40, ({ path }) => path === '/listed');
    const { page } = await signedIn(scene, '/deliveries');
    await page.getByRole('table', { name: 'Deliveries' }).waitFor();
    await goTo(page, page.getByRole('combobox', { name: 'State' }));
    await page.keyboard.press('Enter');
    const chosen = page.getByRole('option', { name: 'succeeded' });
    await chosen.waitFor();
    for (let i = 0; i < 5 && (await chosen.getAttribute('data-combobox-selected')) === null; i++)
      await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('state=succeeded');

    // The list follows while one types; what one types in stays there.
    await goTo(page, page.getByLabel('Event type'));
    await page.keyboard.type('crm.');
    await expect.poll(() => page.url()).toMatch(/eventType=crm\.$/);
    await page.keyboard.type('lead.created');
    await expect.poll(() => page.url()).toContain(`eventType=${EVENT}`);

    // More rows than a window holds: they come as the focus goes on.
    const rows = page.getByRole('table', { name: 'Deliveries' }).getByRole('row');
    await rows.nth(1).waitFor();
    const last = page.getByRole('row').and(page.locator('[aria-rowindex="41"]')).getByRole('link').first();
    await goTo(page, last, 'Tab', 400);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toMatch(/\/(deliveries|events)\//);
  });
});

/** Presses the key until this has the focus. */
async function goTo(page: Page, target: Locator, key = 'Tab', steps = STEPS_MAX): Promise<void> {
  for (let i = 0; i <= steps; i++) {
    if (await hasFocus(target)) return;
    await page.keyboard.press(key);
  }
  const where = await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 300)');
  throw new Error(`${String(target)} is not reached with ${key}; the focus is on ${where}`);
}

async function hasFocus(target: Locator): Promise<boolean> {
  return (await target.and(target.page().locator(':focus')).count()) > 0;
}

/** Whether it is painted: what is clipped away has a place, but is not to be seen. */
async function isInSight(target: Locator): Promise<boolean> {
  return target.evaluate(
    (element) => (element.computedStyleMap().get('clip-path')?.toString() ?? '') === 'none',
  );
}
