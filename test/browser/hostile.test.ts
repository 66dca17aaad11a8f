import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { HAS_BROWSER } from '../support/chromium.ts';
import { expectShown, signedIn, useScene } from './scene.ts';

/** Each would set it, where it is taken for what it says it is. */
const ATTACKS = [
  '<script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 1">',
  '<svg onload="window.hacked = 1"></svg>',
  '<iframe srcdoc="<script>parent.hacked = 1</script>"></iframe>',
  '</pre></code></script><script>window.hacked = 1</script>',
  '<link rel=stylesheet href=//elsewhere.example.com/x.css><base href=//elsewhere.example.com>',
  'javascript:window.hacked=1',
  '{{constructor.constructor("window.hacked = 1")()}}',
  '${window.hacked = 1}',
];
const ATTACK = ATTACKS.join(' ');
/** Shown in this order, it would read as something else than it is. */
const TURNED = 'invoice\u202efdp.exe\u2066\u200b';
const TYPE = 'constructor.__proto__';
const DATA_BYTES = 256 * 1024;
const BODY_BYTES = 16 * 1024;

describe.runIf(HAS_BROWSER)('what is hostile', () => {
  const scene = useScene(async () => ({ VELAHOOK_RETRY_SCHEDULE: '1h' }));
  /** By the path of their receiver. */
  const subscriptions = new Map<string, string>();

  beforeAll(async () => {
    const { app, receiver } = scene;
    const headers = {
      'x-attack': ATTACK,
      __proto__x: 'own',
      'set-cookie': 'a=<script>window.hacked = 1</script>',
    };
    const bodies: Record<string, string | Uint8Array> = {
      '/markup': ATTACK,
      '/huge': 'x'.repeat(4 * BODY_BYTES),
      '/binary': Uint8Array.from({ length: BODY_BYTES }, (_, i) => i % 256),
      '/latin': Buffer.from('caf\u00e9 \u00ff\u00fe', 'latin1'),
      '/turned': TURNED,
    };
    await app.api.ok('POST', '/event-types', {
      name: TYPE,
      description: ATTACK + TURNED,
      category: '__proto__',
      schema: JSON.parse(
        `{"type": "object", "description": ${JSON.stringify(ATTACK)}, "required": ["__proto__", "constructor"],
          "properties": {"__proto__": {"type": "string", "description": ${JSON.stringify(ATTACK)}},
            "constructor": {"$ref": "#/$defs/toString"}, "<img src=x onerror=window.hacked=1>": {"const": "</td><script>"}},
          "$defs": {"toString": {"type": "object", "properties": {"hasOwnProperty": {"enum": ["<b>"]}}}}}`,
      ),
      example: JSON.parse(
        `{"__proto__": ${JSON.stringify(ATTACK)}, "constructor": {"hasOwnProperty": "<b>"}}`,
      ),
      deprecated: true,
      deprecationNote: ATTACK,
    });
    receiver.respond(({ path }) => ({
      status: 500,
      headers,
      body: bodies[path.split('?', 1)[0] ?? ''] ?? '',
    }));
    for (const path of Object.keys(bodies)) {
      const { _id } = await app.api.subscribe({
        url: `${receiver.url(path)}?q=<script>'"`,
        events: [TYPE],
        description: `${ATTACK.slice(0, 200)} ${TURNED}`,
      });
      subscriptions.set(path, _id);
    }
    const text = JSON.stringify([...ATTACKS, TURNED]);
    const data = `{"__proto__": {"hacked": true}, "constructor": {"prototype": {"hacked": true}}, "text": ${text}, "big": 12345678901234567890, "twice": 1, "twice": 2}`;
    await app.api.ok(
      'POST',
      '/events',
      `{"eventType": "${TYPE}", "eventId": "__proto__", "orderingKey": "<script>window.hacked=1</script>", "data": ${data}}`,
    );
    await vi.waitFor(
      async () =>
        expect((await app.api.deliveries()).map(({ attemptCount }) => attemptCount)).toEqual([1, 1, 1, 1, 1]),
      { timeout: 15_000 },
    );
  });

  /** Does something with a page, and fails when anything in it came alive. */
  async function harmlessly(
    path: string,
    act: (page: Page, go: (path: string) => Promise<void>) => Promise<void>,
  ) {
    const { page, complaints } = await signedIn(scene, path);
    const base = page.url().slice(0, page.url().indexOf('/', page.url().indexOf('/w/') + 3));
    const alive: string[] = [];
    page.on('dialog', (dialog) => {
      alive.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(scene.app.app.url)) alive.push(request.url());
    });
    await act(page, async (to) => {
      await expectHarmless(page);
      await page.goto(`${base}${to}`);
    });
    await expectHarmless(page);
    expect(alive).toEqual([]);
    expect(complaints).toEqual([]);
    // It is still of use.
    await page.getByRole('navigation').getByRole('link', { name: 'Event catalogue' }).click();
    await page.getByRole('heading', { level: 1, name: 'Event catalogue' }).waitFor();
  }

  test('in an event is shown as it is, digit for digit', () =>
    harmlessly('/events', async (page) => {
      await page.getByRole('link', { name: TYPE }).first().click();
      const payload = page.getByRole('region', { name: 'Payload' });
      for (const form of ['Data, laid out', 'Body, as sent']) {
        await page.getByText(form, { exact: true }).click();
        const shown = (await payload.textContent()) ?? '';
        for (const attack of ATTACKS) expect(shown).toContain(JSON.stringify(attack).slice(1, -1));
        expect(shown).toMatch(/"__proto__": \{\s*"hacked": true/);
        expect(shown).toContain('12345678901234567890');
        expect(shown).toMatch(/"twice": 1,\s+"twice": 2/);
        expect(shown).toContain('invoice\\u{202e}fdp.exe\\u{2066}\\u{200b}');
      }
    }));

  test('in a response, its headers and its body, is shown as it is', () =>
    harmlessly('/deliveries', async (page) => {
      const expected: Record<string, string | RegExp> = {
        '/markup': ATTACK,
        '/huge': /^x{8000}$/,
        '/binary': /\\u\{0000\}\\u\{0001\}.*\\u\{007f\}\ufffd+/s,
        '/latin': 'caf\ufffd \ufffd\ufffd',
        '/turned': 'invoice\\u{202e}fdp.exe\\u{2066}\\u{200b}',
      };
      for (const [path, text] of Object.entries(expected)) {
        await page
          .getByRole('table')
          .getByRole('row')
          .filter({ hasText: path })
          .getByRole('link')
          .first()
          .click();
        const body = page.getByRole('region', { name: 'Response body of attempt 1', exact: true });
        await body.waitFor();
        expect(await body.textContent()).toEqual(
          typeof text === 'string' ? text : expect.stringMatching(text),
        );
        const head = await page
          .getByRole('region', { name: 'Response of attempt 1', exact: true })
          .textContent();
        expect(head).toContain(`x-attack: ${ATTACK}`);
        expect(head).toContain('__proto__x: own');
        if (path === '/huge') await page.getByText('It went on; only its beginning is kept.').waitFor();
        await page.goBack();
      }
    }));

  test('in subscriptions and the catalogue is shown as it is', () =>
    harmlessly('/subscriptions', async (page, go) => {
      await expectShown(page, ATTACKS[0] ?? '');
      await go(`/subscriptions/${subscriptions.get('/markup')}?tab=settings`);
      await expectShown(page, ATTACKS[0] ?? '');
      await go(`/subscriptions/${subscriptions.get('/markup')}/edit`);
      expect(await page.getByLabel('Description').inputValue()).toContain(TURNED);
      await go('/catalogue');
      await page.getByRole('heading', { level: 2, name: '__proto__' }).waitFor();
      await expectShown(page, ATTACKS[0] ?? '');
      await page.getByRole('link', { name: TYPE }).click();
      const fields = page.getByRole('table', { name: 'Fields of data' });
      await fields.waitFor();
      expect(await fields.getByRole('cell').first().textContent()).toBe('__proto__');
      for (const text of [
        'hasOwnProperty',
        '<img src=x onerror=window.hacked=1>',
        'always </td><script>',
        ATTACK,
      ])
        expect(await fields.textContent()).toContain(text);
      await page.getByText('JSON Schema', { exact: true }).click();
      expect(await page.getByRole('region', { name: 'JSON Schema' }).textContent()).toContain(
        '"__proto__": {',
      );
      expect(await page.getByRole('region', { name: 'Example' }).textContent()).toContain(
        '"__proto__": "<script>',
      );
    }));

  test('and as large as can be leaves the page of use, and is shown whole on demand', async () => {
    // As many lines as fit: what is worst to lay out, and to draw.
    const entries = Math.floor((DATA_BYTES - 20) / 2);
    const data = `{"entries":[${'1,'.repeat(entries - 1)}1]}`;
    expect(data.length).toBeGreaterThan(DATA_BYTES - 100);
    await scene.app.api.ok(
      'POST',
      '/events',
      `{"eventType":"shop.order.paid","eventId":"large","data":${data}}`,
    );
    await harmlessly('/events/large', async (page) => {
      const payload = page.getByRole('region', { name: 'Payload' });
      await expect.poll(() => payload.textContent()).toMatch(/^\{\n {2}"entries": \[\n {4}1,\n/);
      expect((await payload.textContent())?.length).toBeLessThan(10_000);
      await page.getByRole('button', { name: /^Show all/ }).click();
      await expect.poll(async () => (await payload.textContent())?.split('\n').length).toBe(entries + 4);
      await page.getByText('Body, as sent', { exact: true }).click();
      await expect.poll(async () => (await payload.textContent())?.endsWith(`"data":${data}}`)).toBe(true);
    });
  });

  test('and asks for changes with the session’s cookie alone is refused; each page has a policy', async () => {
    const { page } = await signedIn(scene, '/');
    const ask = (headers: string) =>
      page.evaluate(`fetch('/api/v1/integrations/webhooks/check-url', { method: 'POST', body: '{"url":"https://a.example.com"}',
        headers: { 'content-type': 'application/json', 'x-workspace-id': location.pathname.split('/')[2], ${headers} } }).then(({ status }) => status)`);
    expect(await ask('')).toBe(403);
    expect(await ask(`'x-anti-forgery-token': 'guessed'`)).toBe(403);
    const known = `(await (await fetch('/api/v1/session')).json()).data.session.antiForgeryToken`;
    const token = await page.evaluate<string>(`(async () => ${known})()`);
    expect(await ask(`'x-anti-forgery-token': '${token}'`)).toBe(200);
    for (const path of ['/', '/w/x/deliveries', `/portal/${'a'.repeat(24)}`, '/no/such/page']) {
      const { headers } = await fetch(`${scene.app.app.url}${path}`, { headers: { accept: 'text/html' } });
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[^']+'; .*frame-ancestors 'none'$/,
      );
    }
    // The policy is the browser's, too: what would get past React does not run.
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.hacked = 1">')`,
    );
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('script'), { text: 'window.hacked = 1' }))`,
    );
    expect(await page.evaluate('window.hacked')).toBeUndefined();
  });
});

/** No script ran, no prototype was changed, and no element came of a text. */
async function expectHarmless(page: Page): Promise<void> {
  const found = await page.evaluate(
    '[window.hacked, ({}).hacked, document.querySelectorAll("iframe, base, main script, [onerror], [onload]").length]',
  );
  expect(found).toEqual([undefined, undefined, 0]);
}
