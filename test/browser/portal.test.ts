import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { visit } from '../support/browser.ts';
import { HAS_BROWSER } from '../support/chromium.ts';
import { WORKSPACE_ID } from '../support/server-process.ts';
import { expectShown, signedIn, useScene } from './scene.ts';

const ADMIN_TOKEN = 'the-administrators-token-of-these-tests';
const COLOR = { hex: '#7a1fa2', rgb: 'rgb(122, 31, 162)' };
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20"/></svg>`;
/** What a customer sees: nothing of the workspace itself. */
const PAGES = ['Overview', 'Subscriptions', 'Events', 'Deliveries', 'Live tail', 'Event catalogue'];

describe.runIf(HAS_BROWSER)('the customer portal', () => {
  const scene = useScene(async () => ({ VELAHOOK_ADMIN_TOKEN: ADMIN_TOKEN }));
  let product: ForeignSite;
  let stranger: ForeignSite;

  beforeAll(async () => {
    [product, stranger] = await Promise.all([startForeignSite(), startForeignSite()]);
    scene.receiver.respondAt('/logo.svg', { headers: { 'content-type': 'image/svg+xml' }, body: LOGO });
    await scene.app.api.subscribe({ url: scene.receiver.url('/theirs'), events: ['crm.*'] });
    await scene.app.api.publish('crm.lead.created', { leadId: 'lead_1' });
    await scene.app.api.ok('PATCH', '/workspace/settings', {
      portal: { frameAncestors: [product.origin], title: null, logoUrl: null, primaryColor: null },
    });
  });
  afterAll(async () => {
    await product?.close();
    await stranger?.close();
  });

  async function makeLink(token?: string): Promise<string> {
    const by = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const answer = await scene.app.api.ok<{ link: { url: string } }>('POST', '/portal/links', {}, by);
    return answer.link.url;
  }

  test('its link is made on the settings page, and opens it as the platform looks', async () => {
    const { page: owner, complaints } = await signedIn(scene, '/settings');
    const look = owner.getByRole('group', { name: 'Customer portal' });
    await look.getByLabel('Title').fill('Acme webhooks');
    await look.getByLabel('Logo').fill(scene.receiver.url('/logo.svg'));
    await look.getByLabel('Colour').fill(COLOR.hex);
    await look.getByRole('button', { name: 'Save' }).click();
    await expectShown(owner, 'The settings are changed.');
    await owner.getByRole('button', { name: 'Make a link' }).click();
    const link = (await owner.getByRole('region', { name: 'Link', exact: true }).textContent()) ?? '';
    expect(complaints).toEqual([]);

    const { page, context, complaints: theirs } = await visit(scene.browser, { trustsAll: true });
    const exchanged = page.waitForResponse(/\/portal\/exchange$/);
    await page.goto(link);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByRole('banner').getByText('Acme webhooks').waitFor();
    await expect.poll(() => page.evaluate('document.querySelector("header img").naturalWidth')).toBe(20);
    expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual(PAGES);
    expect(await page.getByRole('button', { name: 'Who is signed in' }).count()).toBe(0);

    await page.getByRole('link', { name: 'Subscriptions' }).click();
    await page.getByRole('link', { name: 'New subscription' }).waitFor();
    const create = `document.querySelector('main a[href*="/subscriptions/new"]')`;
    expect(await page.evaluate(`getComputedStyle(${create}).backgroundColor`)).toBe(COLOR.rgb);
    const { data } = (await (await exchanged).json()) as { data: { bearer: string } };
    for (const secret of [data.bearer, new URL(link).hash.slice(1)]) {
      expect(secret).toMatch(/^.{30,}$/);
      expect(await keptIn(page)).not.toContain(secret);
    }
    expect(await context.cookies()).toEqual([]);
    expect(theirs).toEqual([]);
  });

  test('what is none of its pages is not there, and its pages open in another tab', async () => {
    const { page, complaints } = await visit(scene.browser);
    const link = new URL(await makeLink());
    for (const path of ['/settings', '/jobs/']) {
      await page.goto(`${link.origin}${link.pathname}${path}${link.hash}`);
      await page.getByRole('heading', { level: 1, name: 'No such page' }).waitFor();
      // Otherwise only what is behind the # would differ, and nothing be loaded.
      await page.goto('about:blank');
    }
    await page.goto(link.href);
    const deliveries = page.getByRole('navigation').getByRole('link', { name: 'Deliveries' });
    await page.goto(`${link.origin}${await deliveries.getAttribute('href')}`);
    await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
    await expectShown(page, 'crm.lead.created');
    expect(complaints).toEqual([]);
  });

  test('it works in a frame of a site that the workspace names, and is loaded again there', async () => {
    const { page, context, complaints } = await visit(scene.browser, { trustsAll: true });
    const frame = await product.frameIn(page, await makeLink());
    await frame.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await frame.getByRole('link', { name: 'Deliveries' }).click();
    await frame.getByRole('table').getByRole('link', { name: 'crm.lead.created' }).first().click();
    await frame.getByText(/It arrived/).waitFor();
    await frame.getByRole('link', { name: 'Subscriptions' }).click();
    await frame.getByRole('link', { name: /theirs$/ }).click();
    await frame.getByRole('link', { name: 'Edit' }).click();
    await frame.getByLabel('Description').fill('Changed by the customer');
    await frame.getByRole('button', { name: 'Save' }).click();
    await frame.getByRole('tab', { name: 'Settings' }).click();
    await frame.getByText('Changed by the customer').waitFor();

    await frame.evaluate('location.reload()');
    await frame.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await context.cookies()).toEqual([]);
    expect(await keptIn(frame)).not.toContain('sk_portal_');
    expect(complaints).toEqual([]);
  });

  test('no other site may frame it, and none the dashboard', async () => {
    const { page, complaints } = await visit(scene.browser);
    const dashboard = `${scene.app.app.url}/w/${WORKSPACE_ID}`;
    for (const [site, url] of [
      [stranger, await makeLink()],
      [product, dashboard],
      [product, `${scene.app.app.url}/portal/${'a'.repeat(24)}#code`],
    ] as const) {
      complaints.length = 0;
      const frame = await site.frameIn(page, url);
      await expect.poll(() => complaints.join()).toMatch(/frame-ancestors/);
      expect(frame.url()).toMatch(/^chrome-error:/);
    }
  });

  test('a link that was ended, or is none, says so, at once and while it is open', async () => {
    const made = await scene.app.api.ok<{ token: { _id: string; token: string } }>(
      'POST',
      '/tokens',
      {
        workspaceId: WORKSPACE_ID,
        name: 'Makes links',
        scopes: ['integrations:read', 'integrations:write', 'deliveries:read'],
      },
      { Authorization: `Bearer ${ADMIN_TOKEN}` },
    );
    const link = await makeLink(made.token.token);
    const { page, complaints } = await visit(scene.browser, { trustsAll: true });
    await page.goto(link);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const { _id } = made.token;
    await scene.app.api.ok('DELETE', `/tokens/${_id}`, undefined, { Authorization: `Bearer ${ADMIN_TOKEN}` });
    // A token is remembered for a second, and what was read is fresh for some more.
    await expect
      .poll(async () => {
        await page.getByRole('link', { name: 'Deliveries' }).or(page.getByRole('alert')).first().click();
        await page.getByRole('link', { name: 'Subscriptions' }).or(page.getByRole('alert')).first().click();
        return page.getByRole('alert').allTextContents();
      })
      .toEqual([expect.stringContaining('This link does not open any more')]);
    expect(await page.getByRole('navigation').count()).toBe(0);

    await page.reload();
    await expectShown(page, 'This link does not open any more');
    await page.goto('about:blank');
    await page.goto(`${link.split('#', 1)[0]}#none`);
    await expectShown(page, 'This link does not open any more');
    await page.goto('about:blank');
    await page.goto(`${link.split('#', 1)[0]}`);
    await expectShown(page, 'This link does not open any more');
    expect(complaints).toEqual([]);
  });
});

interface ForeignSite {
  origin: string;
  /** Opens a page of the site with this address in a frame. */
  frameIn(page: Page, url: string): Promise<Frame>;
  close(): Promise<void>;
}

/** Somebody else's product: another host than the server's, so another site to a browser. */
async function startForeignSite(): Promise<ForeignSite> {
  let framed = '';
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><title>A product</title><iframe src="${framed}" width=1200 height=800></iframe>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    async frameIn(page, url) {
      framed = url;
      await page.goto(origin);
      const handle = await page.waitForSelector('iframe');
      const frame = await handle.contentFrame();
      if (frame === null) throw new Error('The page has no frame.');
      return frame;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** All that outlives a page in a browser, where scripts get at it; to a frame of another site some browsers lend nothing. */
function keptIn(page: Page | Frame): Promise<string> {
  return page.evaluate<string>(`JSON.stringify([document.cookie, ...['localStorage', 'sessionStorage'].map((name) => {
    try {
      return Object.entries(window[name]);
    } catch {
      return 'denied';
    }
  })])`);
}
