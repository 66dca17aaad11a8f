import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { visit } from '../support/browser.ts';
import { HAS_BROWSER } from '../support/chromium.ts';
import { TOKEN, WORKSPACE_ID } from '../support/server-process.ts';
import { expectShown, useScene } from './scene.ts';

const ADMIN_TOKEN = 'the-administrators-token-of-these-tests';
const ENDED = 'Your session has ended';

describe.runIf(HAS_BROWSER)('signing in', () => {
  const scene = useScene(async () => ({ VELAHOOK_ADMIN_TOKEN: ADMIN_TOKEN }));

  /** Calls the API with this token in place of the workspace's. */
  function callAs<T>(token: string, method: string, path: string, body?: unknown): Promise<T> {
    return scene.app.api.ok<T>(method, path, body, { Authorization: `Bearer ${token}` });
  }

  async function makeToken(scopes: readonly string[]): Promise<{ _id: string; token: string }> {
    const body = { workspaceId: WORKSPACE_ID, name: 'Somebody', scopes };
    return (await callAs<{ token: { _id: string; token: string } }>(ADMIN_TOKEN, 'POST', '/tokens', body))
      .token;
  }

  test('a token that does not work is explained; a good one lets in until somebody signs out', async () => {
    const { page, context, complaints } = await visit(scene.browser);
    await page.goto(scene.app.app.url);
    await enter(page, 'sk_live_this-is-none');
    await page.getByRole('alert').getByText('This is no token that works. Check that it is whole.').waitFor();
    expect(await context.cookies()).toEqual([]);

    await enter(page, TOKEN);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await context.cookies()).toEqual([
      expect.objectContaining({ name: 'velahook_session', httpOnly: true, sameSite: 'Strict', path: '/' }),
    ]);
    const reachable = await page.evaluate<string>(
      'JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }])',
    );
    expect(reachable).toMatch(/^\["",/);
    expect(reachable).not.toContain(TOKEN);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();

    await page.getByRole('button', { name: 'Who is signed in' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    expect(await context.cookies()).toEqual([]);
    await page.goto(`${scene.app.app.url}/w/${WORKSPACE_ID}/subscriptions`);
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('whoever opens a page without a session gets there by signing in; what is another workspace’s is left', async () => {
    const { page } = await visit(scene.browser);
    const { url } = scene.app.app;
    await page.goto(`${url}/w/${WORKSPACE_ID}/deliveries?state=failed`);
    await enter(page, TOKEN);
    await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
    await expectShown(page, 'None matches these filters.');
    await page.goto(`${url}/w/${'a'.repeat(24)}/deliveries`);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(new URL(page.url()).pathname.replace(/\/$/, '')).toBe(`/w/${WORKSPACE_ID}`);
    await page.goto(`${url}/events`);
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/w/${WORKSPACE_ID}/events`);
  });

  test.each([
    // Without a live stream it is found out with the next thing that is read, with one by itself.
    { scopes: ['deliveries:read', 'integrations:read'], click: 'Subscriptions' },
    { scopes: ['deliveries:read', 'events:read'], click: null },
  ])('a token revoked meanwhile ends it, and says so: $scopes', async ({ scopes, click }) => {
    const { _id, token } = await makeToken(scopes);
    const { page, context } = await visit(scene.browser);
    const { url } = scene.app.app;
    await context.request.post(`${url}/api/v1/session`, { data: { token } });
    await page.goto(`${url}/w/${WORKSPACE_ID}/deliveries`);
    await expectShown(page, 'A delivery is made for each subscription');
    if (click === null) await page.getByText('Live', { exact: true }).waitFor();
    await callAs(ADMIN_TOKEN, 'DELETE', `/tokens/${_id}`);
    // A token is remembered for a second.
    await expect.poll(async () => (await context.request.get(`${url}/api/v1/session`)).status()).toBe(401);
    if (click !== null) await page.getByRole('link', { name: click }).click();
    await expectShown(page, ENDED);
    expect(await page.getByRole('table').count()).toBe(0);

    await enter(page, TOKEN);
    await page.getByRole('heading', { level: 1, name: click ?? 'Deliveries' }).waitFor();
    expect(await page.getByText(ENDED).count()).toBe(0);
  });

  test.each([
    { scopes: ['integrations:read', 'integrations:write'], first: 'Subscriptions' },
    { scopes: ['audit:read'], first: 'Audit log' },
  ])('who may see only a part begins there, and meets no refusal: $scopes', async ({ scopes, first }) => {
    const { token } = await makeToken(scopes);
    const { _id } = await scene.app.api.subscribe({ url: 'https://hooks.example.com/a', events: ['crm.*'] });
    const { page, context } = await visit(scene.browser);
    const { url } = scene.app.app;
    const refused: string[] = [];
    page.on('response', (answer) => answer.status() === 403 && refused.push(answer.url()));
    await context.request.post(`${url}/api/v1/session`, { data: { token } });
    await page.goto(url);
    await page.getByRole('heading', { level: 1, name: first }).waitFor();
    expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual([first]);
    if (first === 'Subscriptions') {
      await page.goto(`${url}/w/${WORKSPACE_ID}/subscriptions/${_id}`);
      await page.getByRole('tab', { name: 'Settings', selected: true }).waitFor();
      await page.goto(`${url}/w/${WORKSPACE_ID}/subscriptions/new`);
      await page.getByLabel('URL').fill('https://hooks.example.com/b');
      await page.getByPlaceholder('Search', { exact: true }).fill('crm.lead.created');
      await page.getByRole('button', { name: 'Add “crm.lead.created” as it is' }).click();
      await page.getByRole('button', { name: 'Create', exact: true }).click();
      await page.getByRole('region', { name: 'Signing secret' }).waitFor();
    }
    expect(refused).toEqual([]);
  });

  test('an administrator chooses a workspace, makes a token, and revokes it', async () => {
    const { page, complaints } = await visit(scene.browser);
    await page.goto(scene.app.app.url);
    await enter(page, ADMIN_TOKEN);
    await page.getByRole('heading', { level: 1, name: 'Choose a workspace' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: WORKSPACE_ID }).getByRole('link').click();
    await page.getByRole('link', { name: 'Tokens' }).click();
    await page.getByRole('button', { name: 'New token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('It was not made').waitFor();

    await dialog.getByLabel('Name').fill('Made here');
    await dialog.getByRole('checkbox', { name: 'events:write' }).check();
    await dialog.getByRole('button', { name: 'Create' }).click();
    const token = (await dialog.getByRole('region', { name: 'Token' }).textContent()) ?? '';
    expect(token).toMatch(/^sk_live_/);
    const publish = { eventType: 'crm.lead.created', data: {} };
    await callAs(token, 'POST', '/events', publish);
    await dialog.getByRole('button', { name: 'Done' }).click();
    expect(await page.content()).not.toContain(token);

    await page.getByRole('button', { name: 'Revoke Made here' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('row').filter({ hasText: 'Made here' }).getByText('revoked').waitFor();
    await expect
      .poll(async () => {
        const { status } = await scene.app.api.call('POST', '/events', publish, {
          Authorization: `Bearer ${token}`,
        });
        return status;
      })
      .toBe(401);
    expect(complaints).toEqual([]);
  });
});

/** By the form, as people do it. */
async function enter(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
