import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { HAS_BROWSER } from '../support/chromium.ts';
import { signedIn, useScene } from './scene.ts';

const EVENT = 'crm.lead.created';

describe.runIf(HAS_BROWSER)('subscriptions', () => {
  const scene = useScene();

  test('are made in a form that explains what is wrong with a URL, and shows the secret once', async () => {
    const { page, complaints } = await signedIn(scene, '/subscriptions');
    await page.getByRole('link', { name: 'New subscription' }).click();
    await page.getByLabel('URL').fill('http://hooks.example.com');
    await expect.poll(() => page.getByText(/https/i).allTextContents()).not.toEqual([]);
    await page.getByText(/must .*https/i).waitFor();
    await page.getByLabel('URL').fill(scene.receiver.url('/made'));
    await page.getByLabel('May be used').waitFor();
    await page.getByPlaceholder('Search', { exact: true }).fill('lead.created');
    await page.getByRole('checkbox', { name: EVENT }).check();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    const secret = page.getByRole('region', { name: 'Signing secret' });
    await secret.waitFor();
    expect(await secret.textContent()).toMatch(/^whsec_/);
    await page.getByRole('link', { name: 'To the subscription' }).click();
    await page.getByRole('heading', { level: 1, name: /\/made$/ }).waitFor();
    expect(await page.content()).not.toContain('whsec_');
    const [made] = (
      await scene.app.api.ok<{ items: { events: string[] }[] }>('GET', '/integrations/webhooks')
    ).items;
    expect(made?.events).toEqual([EVENT]);
    expect(complaints).toEqual([]);
  });

  test('what the server finds wrong stands at its field, all of it at once', async () => {
    const { page } = await signedIn(scene, '/subscriptions/new');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('It was not saved').waitFor();
    const problem = page.getByRole('alert').filter({ hasText: 'It was not saved' });
    expect(await problem.textContent()).toContain('url');
    expect(await problem.textContent()).toContain('events');
  });

  test('a test event goes to the receiver, and what became of it is one click away', async () => {
    const { _id } = await scene.app.api.subscribe({ url: scene.receiver.url('/tested'), events: ['crm.*'] });
    const { page, context } = await signedIn(scene, `/subscriptions/${_id}`);
    await page.getByRole('button', { name: 'Send a test event' }).click();
    const data = page.getByLabel('Data');
    await data.fill('{"amount": 12345678901234567890, "exact": 1.0}');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('link', { name: 'See what becomes of it' }).click();
    await page.getByText(/It arrived/).waitFor();
    const [request] = await scene.receiver.waitFor(1, ({ path }) => path === '/tested');
    expect(request?.body.toString()).toContain('{"amount": 12345678901234567890, "exact": 1.0}');
    const shown = page.getByRole('region', { name: 'Payload' });
    await shown.getByText('12345678901234567890').waitFor();
    expect(await shown.textContent()).toContain('1.0');

    // The same request again, as a command for a shell.
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    const command = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(command).toContain(`curl -X POST '${scene.receiver.url('/tested')}'`);
    await promisify(execFile)('sh', ['-c', command.replace('curl ', 'curl --silent --insecure ')]);
    const [, again] = await scene.receiver.waitFor(2, ({ path }) => path === '/tested');
    expect(again?.body).toEqual(request?.body);
    expect(again?.headers['x-webhook-event']).toBe(request?.headers['x-webhook-event']);
  });

  test('a secret is revealed, rotated with a countdown, and the rotation finished', async () => {
    const { _id } = await scene.app.api.subscribe({
      url: scene.receiver.url('/rotated'),
      events: ['customer.*'],
      secret: 'the-first-secret-of-all',
    });
    const { page } = await signedIn(scene, `/subscriptions/${_id}?tab=secret`);
    await page.getByRole('button', { name: 'Reveal' }).click();
    await page.getByText('the-first-secret-of-all').waitFor();
    await page.getByRole('button', { name: 'Rotate' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('New secret').fill('the-second-secret-of-all');
    await dialog.getByRole('button', { name: 'Rotate' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('A rotation is under way').waitFor();
    expect(await page.getByRole('timer').first().getAttribute('aria-label')).toMatch(/^\d+ seconds left$/);
    await page.getByRole('button', { name: 'Reveal' }).click();
    await page.getByRole('region', { name: 'Previous signing secret' }).waitFor();
    await page.getByRole('button', { name: 'Finish now' }).click();
    await page.getByText('A rotation is under way').waitFor({ state: 'detached' });
    const shown = await scene.app.api.ok<{ secret: string; previousSecret: string | null }>(
      'GET',
      `/integrations/webhooks/${_id}/secret`,
    );
    expect(shown).toMatchObject({ secret: 'the-second-secret-of-all', previousSecret: null });
  });

  test('one that was switched off is reactivated, and what it missed replayed, with one click', async () => {
    const { _id } = await scene.app.api.subscribe({
      url: scene.receiver.url('/missed'),
      events: ['channels.*'],
      active: false,
    });
    for (let i = 0; i < 3; i++) await scene.app.api.publish('channels.message.status_changed', { i });
    const { page } = await signedIn(scene, `/subscriptions/${_id}`);
    await page.getByRole('button', { name: 'Reactivate and replay what it missed (3)' }).click();
    const arrived = await scene.receiver.waitFor(3, ({ path }) => path === '/missed');
    expect(arrived).toHaveLength(3);
    await page.getByText('It is switched off').waitFor({ state: 'detached' });
  });

  test('what an active one missed is replayed as well, as far back as one wants', async () => {
    scene.receiver.respondAt('/was-down', { status: 500 });
    const { _id } = await scene.app.api.subscribe({
      url: scene.receiver.url('/was-down'),
      events: ['media.*'],
    });
    const { page } = await signedIn(scene, `/subscriptions/${_id}`);
    const openDialog = async (): Promise<void> => {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Replay what it missed' }).click();
    };
    const dialog = page.getByRole('dialog');
    await openDialog();
    await dialog.getByText('It has missed nothing.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Replay 0' }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Leave it' }).click();

    await scene.app.api.publishMany('media.file.uploaded', 3);
    const attempts = async (): Promise<number[]> =>
      (await scene.app.api.deliveries(`subscriptionId=${_id}`)).map(({ attemptCount }) => attemptCount);
    await expect.poll(attempts).toEqual([1, 1, 1]);
    scene.receiver.respondAt('/was-down', {});
    await openDialog();
    await dialog.getByRole('combobox', { name: 'Published in' }).click();
    await page.getByRole('option', { name: 'the last hour' }).click();
    await dialog.getByText(/^3 have not arrived: 3 wait for a retry/).waitFor();
    await dialog.getByRole('button', { name: 'Replay 3' }).click();
    await scene.receiver.waitFor(6, ({ path }) => path === '/was-down');
    await dialog.waitFor({ state: 'detached' });
  });

  test('a change is of what was changed: what somebody else changed meanwhile stays', async () => {
    const { _id } = await scene.app.api.subscribe({ url: scene.receiver.url('/both'), events: ['auth.*'] });
    const { page } = await signedIn(scene, `/subscriptions/${_id}/edit`);
    await page.getByLabel('Description').fill('Ours');
    await scene.app.api.ok('PATCH', `/integrations/webhooks/${_id}`, { active: false, events: ['crm.*'] });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: /\/both$/ }).waitFor();
    const { subscription } = await scene.app.api.ok<{ subscription: object }>(
      'GET',
      `/integrations/webhooks/${_id}`,
    );
    expect(subscription).toMatchObject({ description: 'Ours', active: false, events: ['crm.*'] });
  });

  test('a secret that was revealed is not on the page of another one', async () => {
    const [one, two] = await Promise.all(
      ['one', 'two'].map((name) =>
        scene.app.api.subscribe({
          url: scene.receiver.url(`/${name}`),
          events: ['auth.*'],
          secret: `the-secret-of-number-${name}`,
        }),
      ),
    );
    const { page } = await signedIn(scene, `/subscriptions/${one?._id}?tab=secret`);
    const search = page.getByRole('search').getByRole('textbox');
    await page.getByRole('button', { name: 'Reveal' }).waitFor();
    await search.fill(two?._id ?? '');
    await search.press('Enter');
    await page.getByRole('heading', { level: 1, name: /\/two$/ }).waitFor();
    await page.getByRole('tab', { name: 'Signing secret' }).click();
    await page.getByRole('button', { name: 'Reveal' }).click();
    await page.getByText('the-secret-of-number-two').waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: /\/one$/ }).waitFor();
    await page.getByRole('button', { name: 'Reveal' }).waitFor();
    expect(await page.content()).not.toContain('the-secret-of-number');
  });

  test('event types are picked singly, by category, all but those about webhooks, or named', async () => {
    const { page } = await signedIn(scene, '/subscriptions/new');
    const picker = page.getByRole('group', { name: 'Event types' });
    const search = picker.getByPlaceholder('Search', { exact: true });
    await picker.getByRole('checkbox', { name: 'All event types (*)' }).check();
    await search.fill('webhook.subscription.deactivated');
    const told = picker.getByRole('checkbox', { name: 'webhook.subscription.deactivated' });
    // * does not mean it.
    expect([await told.isChecked(), await told.isEnabled()]).toEqual([false, true]);
    await search.fill(EVENT);
    const included = picker.getByRole('checkbox', { name: EVENT });
    expect([await included.isChecked(), await included.isEnabled()]).toEqual([true, false]);
    await search.fill('acme.order.shipped');
    await search.press('Enter');
    await picker.getByRole('button', { name: 'Remove acme.order.shipped' }).waitFor();
    // Nothing was sent with it.
    expect(await page.getByText('It was not saved').count()).toBe(0);
  });

  test('one is deleted after a question', async () => {
    const { _id } = await scene.app.api.subscribe({ url: scene.receiver.url('/gone'), events: ['auth.*'] });
    const { page } = await signedIn(scene, `/subscriptions/${_id}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { level: 1, name: 'Subscriptions' }).waitFor();
    expect((await scene.app.api.call('GET', `/integrations/webhooks/${_id}`)).status).toBe(404);
  });
});
