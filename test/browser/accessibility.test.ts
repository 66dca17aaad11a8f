import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { visit } from '../support/browser.ts';
import { HAS_BROWSER } from '../support/chromium.ts';
import { WORKSPACE_ID } from '../support/server-process.ts';
import { signedIn, useScene } from './scene.ts';

const ADMIN_TOKEN = 'the-administrators-token-of-these-tests';
/** Each theme and each width once: what a theme breaks, it breaks at any width. */
const LOOKS = [
  ['light', 1280],
  ['dark', 390],
] as const;
const WAIT = { timeout: 15_000, interval: 50 };

interface Finding {
  id: string;
  nodes: { target: string[]; failureSummary: string }[];
}

describe.runIf(HAS_BROWSER)('every page', () => {
  const scene = useScene(async () => ({
    VELAHOOK_RETRY_SCHEDULE: '100ms,1h',
    VELAHOOK_ADMIN_TOKEN: ADMIN_TOKEN,
  }));
  const ids = { subscription: '', event: '', delivery: '' };
  let axe = '';

  beforeAll(async () => {
    axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
    const { api } = scene.app;
    scene.receiver.respondAt('/failing', { status: 500, body: '<script>alert(1)</script>' });
    const good = await api.subscribe({
      url: scene.receiver.url('/good'),
      events: ['crm.*'],
      description: 'Good',
    });
    await api.subscribe({ url: scene.receiver.url('/failing'), events: ['crm.lead.created'] });
    await api.subscribe({ url: scene.receiver.url('/off'), events: ['*'], active: false });
    const { eventId } = await api.publish('crm.lead.created', { leadId: 'lead_1', note: 'one' });
    await vi.waitUntil(async () => (await api.deliveries('state=pending'))[0]?.attemptCount === 2, WAIT);
    Object.assign(ids, {
      subscription: good._id,
      event: eventId,
      delivery: (await api.deliveries('state=pending'))[0]?._id,
    });
  });

  const pages = (): string[] => [
    '/',
    '/subscriptions',
    '/subscriptions/new',
    `/subscriptions/${ids.subscription}`,
    `/subscriptions/${ids.subscription}?tab=statistics`,
    `/subscriptions/${ids.subscription}?tab=settings`,
    `/subscriptions/${ids.subscription}?tab=secret`,
    `/subscriptions/${ids.subscription}/edit`,
    '/events',
    `/events/${ids.event}`,
    '/deliveries',
    '/deliveries?state=cancelled',
    `/deliveries/${ids.delivery}`,
    '/live',
    '/catalogue',
    '/catalogue/crm.lead.created',
    '/jobs',
    '/tokens',
    '/audit',
    '/settings',
    '/no/such/page',
  ];

  for (const [scheme, width] of LOOKS)
    test(`is accessible, fits, and complains of nothing: ${scheme}, ${width} pixels`, async () => {
      const { page, complaints } = await signedIn(scene, '/', { scheme, width });
      const found: Record<string, string[]> = {};
      for (const path of pages()) {
        await turnTo(page, `/w/${WORKSPACE_ID}${path}`);
        await loaded(page);
        const findings = [
          ...(await findingsOf(page, axe)),
          ...(await overflowOf(page)),
          ...(await focusOf(page)),
        ];
        if (findings.length > 0) found[path] = findings;
      }
      expect(found).toEqual({});
      expect(complaints).toEqual([]);
    }, 120_000);

  test('so are signing in, the choice of a workspace, and the portal in a colour of its own', async () => {
    const { api, app } = scene.app;
    await api.ok('PATCH', '/workspace/settings', {
      portal: { frameAncestors: [], title: 'Acme webhooks', logoUrl: null, primaryColor: '#ffd43b' },
    });
    const { link } = await api.ok<{ link: { url: string } }>('POST', '/portal/links', {});
    const found: string[] = [];
    for (const [scheme, width] of LOOKS) {
      const { page, context, complaints } = await visit(scene.browser, { scheme, width });
      const look = async (address: string, heading: string): Promise<void> => {
        await page.goto(address);
        await page.getByRole('heading', { level: 1, name: heading }).waitFor();
        await loaded(page);
        found.push(...(await findingsOf(page, axe)), ...(await overflowOf(page)), ...(await focusOf(page)));
      };
      await look(app.url, 'Sign in');
      await look(link.url, 'Overview');
      await context.request.post(`${app.url}/api/v1/session`, { data: { token: ADMIN_TOKEN } });
      await look(app.url, 'Choose a workspace');
      found.push(...complaints);
    }
    expect(found).toEqual([]);
  }, 60_000);
});

/** Without loading the whole dashboard anew, where that can be told from what was there. */
async function turnTo(page: Page, path: string): Promise<void> {
  if (new URL(page.url()).pathname === path.split('?')[0]) await page.goto(new URL(path, page.url()).href);
  else {
    await page.evaluate(
      `document.querySelector('h1').dataset.before = ''; history.pushState({}, '', '${path}')`,
    );
    await page.locator('h1:not([data-before])').first().waitFor();
  }
}

async function loaded(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  const loading = page.getByLabel('Loading', { exact: true });
  await vi.waitUntil(async () => (await loading.count()) === 0, WAIT);
}

/** By axe: WCAG 2.2 A and AA, and best practices. */
async function findingsOf(page: Page, axe: string): Promise<string[]> {
  const run = `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)`;
  const violations = await page.evaluate(`globalThis.axe === undefined && (() => { ${axe} })(); ${run}`);
  return (violations as Finding[]).map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary}`)
        .join(' | ')}`,
  );
}

/** The page itself does not scroll sideways. */
async function overflowOf(page: Page): Promise<string[]> {
  const root = 'document.documentElement';
  const [needed, there] = (await page.evaluate(`[${root}.scrollWidth, ${root}.clientWidth]`)) as [
    number,
    number,
  ];
  return needed > there ? [`it is ${needed} pixels wide where there are ${there}`] : [];
}

/**
 * What somebody without a mouse cannot reach, or cannot see that he has reached: one after the other is focused, as by
 * the Tab key, and compared with how it looks when it is not.
 */
const FOCUS_FINDINGS = `(() => {
  const found = [];
  // What it comes to, at once.
  const still = new CSSStyleSheet();
  still.replaceSync('*, *::before, *::after { transition: none !important }');
  document.adoptedStyleSheets = [still];
  const HEADER_PX = 56;
  const nameOf = (element) => element.outerHTML.slice(0, 160);
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true });
  const elements = [...document.querySelectorAll('body *')].filter(isShown);
  // These are reached by arrow keys, within what is reached by Tab.
  const ROVING = '[role=tab], [role=option], [role=menuitem], [role=radio], input[type=radio]';
  const WORKS = 'a[href], button, input, select, textarea, label, summary, [tabindex="0"]';
  for (const element of elements) {
    if (getComputedStyle(element).cursor !== 'pointer' || element.closest(WORKS)) continue;
    // Around the words of a box to tick there is room.
    if (element.querySelector(WORKS)) continue;
    if (element.parentElement && getComputedStyle(element.parentElement).cursor === 'pointer') continue;
    found.push('for the mouse only: ' + nameOf(element));
  }
  const looks = ['outlineStyle', 'outlineWidth', 'borderTopColor', 'boxShadow', 'backgroundColor', 'color'];
  const lookOf = (element) => [element, element.parentElement, element.parentElement.parentElement, ...element.parentElement.children]
    .map((each) => looks.map((look) => getComputedStyle(each)[look]).join()).join('|');
  for (const element of elements) {
    if (!element.matches('a[href], button, input, select, textarea, [tabindex]') || element.disabled) continue;
    if (element.tabIndex > 0) found.push('out of order: ' + nameOf(element));
    if (element.tabIndex < 0) {
      if (element.matches('button, a[href]') && !element.matches(ROVING)) found.push('passed over by Tab: ' + nameOf(element));
      continue;
    }
    // What opens with the focus, and closes without it, is gone by now.
    if (!element.isConnected) continue;
    document.activeElement?.blur();
    const before = lookOf(element);
    element.focus();
    if (document.activeElement !== element) { found.push('cannot be focused: ' + nameOf(element)); continue; }
    if (lookOf(element) === before) found.push('looks the same with the focus: ' + nameOf(element));
    const { top, bottom } = element.getBoundingClientRect();
    if (element.closest('main') && (bottom <= HEADER_PX || top >= innerHeight)) found.push('out of sight with the focus: ' + nameOf(element));
  }
  document.activeElement?.blur();
  return found;
})()`;

async function focusOf(page: Page): Promise<string[]> {
  // The browser marks the focus for whoever uses the keyboard.
  await page.keyboard.press('Tab');
  return (await page.evaluate(FOCUS_FINDINGS)) as string[];
}
