import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningApp } from './running-app.ts';
import { sendRaw, startContractApp } from './running-app.ts';

const PAGE =
  '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><script src="/assets/a-1.js"></script>';
const SCRIPT = 'console.log("dashboard");\n'.repeat(50);
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const NOBODY = 'f'.repeat(24);

let folder: string;
let running: RunningApp;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'velahook-dashboard-'));
  const dist = join(folder, 'dist');
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'not to be served');
  writeFileSync(join(dist, 'index.html'), PAGE);
  writeFileSync(join(dist, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(dist, 'assets/a-1.js'), SCRIPT);
  writeFileSync(join(dist, 'assets/a-1.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(dist, 'assets/$id-2.js'), SCRIPT);
  symlinkSync(folder, join(dist, 'up'));
  symlinkSync(join(folder, 'secret.txt'), join(dist, 'assets/link.txt'));
  symlinkSync(join(folder, 'nothing.txt'), join(dist, 'dangling.txt'));
  running = await startContractApp({}, { dashboardDir: dist });
});
afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${running.app.url}${path}`, { headers: HTML, ...init });
}

/** The sources of each directive. */
function policyOf({ headers }: Response): Record<string, string[]> {
  const rules = (headers.get('content-security-policy') ?? '').split('; ').map((rule) => rule.split(' '));
  return Object.fromEntries(rules.map(([name = '', ...sources]) => [name, sources]));
}

describe('the dashboard’s page', () => {
  test.each(['/', '/subscriptions', '/deliveries/dlv_1?x=1', '/portal', '/assetsx', '/a%2fb'])(
    'is at %s, with a nonce of its own and a strict policy',
    async (path) => {
      const [first, second] = [await get(path), await get(path)];
      expect([first.status, first.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      const html = await first.text();
      const nonce = /csp-nonce" content="([\w+/]{22}==)"/.exec(html)?.[1];
      expect(html).toBe(PAGE.replace('__CSP_NONCE__', nonce ?? '?'));
      expect(await second.text()).not.toBe(html);
      expect(first.headers.get('content-security-policy')).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      );
      expect(first.headers.get('cache-control')).toBe('no-store');
      // Its public URL is not https.
      expect(first.headers.get('strict-transport-security')).toBeNull();
      expect(first.headers.get('x-frame-options')).toBe('DENY');
      expect(first.headers.get('x-content-type-options')).toBe('nosniff');
      expect(first.headers.get('referrer-policy')).toBe('no-referrer');
      const head = await get(path, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
      expect(head.headers.get('content-length')).toBe(String(html.length));
    },
  );

  test('is no answer to a program, to a change, nor below the API and the assets', async () => {
    for (const [path, init, status] of [
      ['/subscriptions', { headers: { accept: '*/*' } }, 404],
      ['/subscriptions', { method: 'POST', headers: HTML }, 404],
      ['/', { method: 'POST', headers: HTML }, 405],
      ['/assets/a-1.js', { method: 'DELETE', headers: HTML }, 405],
      ['/api', {}, 404],
      ['/api/v1/nothing', {}, 404],
      ['/api/v1/events', { method: 'PUT', headers: HTML }, 405],
      ['/assets/gone-1.js', {}, 404],
    ] as const) {
      const answer = await get(path, init);
      expect([path, answer.status]).toEqual([path, status]);
      expect(await answer.json()).toMatchObject({ success: false });
    }
    expect((await (await get('/openapi.json')).json()) as object).not.toHaveProperty('paths./');
  });
});

describe('the dashboard’s files', () => {
  test('are kept by browsers for good where their names have a hash', async () => {
    for (const path of ['/assets/a-1.js', '/assets/$id-2.js']) {
      const script = await get(path, { headers: { 'accept-encoding': 'identity' } });
      expect([script.status, await script.text()]).toEqual([200, SCRIPT]);
      expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(script.headers.get('content-type')).toMatch(/javascript/);
      expect(script.headers.get('x-content-type-options')).toBe('nosniff');
    }
    const icon = await get('/favicon.svg');
    expect([icon.status, icon.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(policyOf(icon)['default-src']).toEqual(["'none'"]);
    const etag = icon.headers.get('etag') ?? '';
    const again = `GET /favicon.svg HTTP/1.1\r\nHost: x\r\nIf-None-Match: ${etag}\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(running.port, again)).status).toBe(304);
    const metrics = await (await fetch(`${running.app.url}/metrics`)).text();
    expect(metrics).toContain('/assets/*');
    expect(metrics).not.toContain('a-1.js');
  });

  test('come compressed where they are so already', async () => {
    const script = await get('/assets/a-1.js', { headers: { 'accept-encoding': 'br, gzip' } });
    expect([script.headers.get('content-encoding'), await script.text()]).toEqual(['br', SCRIPT]);
    expect(script.headers.get('vary')).toContain('accept-encoding');
    const plain = await get('/assets/$id-2.js', { headers: { 'accept-encoding': 'br, gzip' } });
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, SCRIPT]);
    expect((await get('/assets/a-1.js', { method: 'HEAD' })).status).toBe(200);
  });

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..\\..\\secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets//../../secret.txt',
    '/..;/secret.txt',
    '//etc/passwd',
    '/assets//etc/passwd',
    '/%c0%ae%c0%ae/secret.txt',
    '/assets/%00',
    '/assets/..%00/a',
    '/up/..%2fsecret.txt',
    '/up/secret.txt',
    '/assets/link.txt',
    '/.git/config',
    '/index.html%00',
    '/dashboard/dist/index.html',
  ])('are all there is: %s leads nowhere', async (path) => {
    for (const accept of ['*/*', 'text/html']) {
      const { status, body } = await sendRaw(
        running.port,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: ${accept}\r\n\r\n`,
      );
      expect([200, 400, 404]).toContain(status);
      expect(body).not.toContain('not to be served');
      expect(body).not.toContain('root:');
      // Whoever asks for a page gets the page.
      if (status === 200) expect([accept, body]).toEqual(['text/html', expect.stringContaining('csp-nonce')]);
    }
  });
});

describe('the portal’s page', () => {
  const portal = {
    frameAncestors: ['https://app.example.com', 'http://localhost:3000'],
    title: 'Acme',
    logoUrl: 'https://cdn.example.com/logo.svg',
    primaryColor: '#123456',
  };

  test('may be framed by whom its workspace names, and shows its logo', async () => {
    const api = await running.addWorkspace();
    await api.ok('PATCH', '/workspace/settings', { portal });
    for (const rest of ['', '/', '/subscriptions/1']) {
      const page = await get(`/portal/${api.access.workspaceId}${rest}`);
      expect(policyOf(page)).toMatchObject({
        'frame-ancestors': portal.frameAncestors,
        'img-src': ["'self'", 'data:', 'https://cdn.example.com'],
        'script-src': ["'self'"],
        'connect-src': ["'self'"],
      });
      expect(page.headers.get('x-frame-options')).toBeNull();
      expect(page.headers.get('cache-control')).toBe('no-store');
    }
    // The dashboard itself may not.
    expect(policyOf(await get('/'))['frame-ancestors']).toEqual(["'none'"]);
    await running.admin.ok('DELETE', `/workspaces/${api.access.workspaceId}`);
    expect(policyOf(await get(`/portal/${api.access.workspaceId}`))['frame-ancestors']).toEqual(["'none'"]);
  });

  test('is the same for an unknown workspace as for one without settings', async () => {
    const { workspaceId } = (await running.addWorkspace()).access;
    const seen = await Promise.all(
      [workspaceId, NOBODY, 'x', '%27%3b'].map(async (id) => {
        const answer = await get(`/portal/${id}`);
        const nonce = /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy') ?? '')?.[1] ?? '?';
        const headers = [...answer.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
        return JSON.stringify([answer.status, headers, await answer.text()]).replaceAll(nonce, 'N');
      }),
    );
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toContain("frame-ancestors 'none'");
  });

  test('takes no settings that would be more than they are in a header', async () => {
    const api = await running.addWorkspace();
    const frameAncestors = [
      'https://a.example.com; script-src *',
      'https://a;b.example.com',
      'https://a,b.example.com',
      "https://x'.example.com",
      'https://a.example.com\r\nset-cookie: a=b',
      'https://a.example.com/',
      'https://*.example.com',
    ];
    const bad = { frameAncestors, title: 'a\nb', logoUrl: 'https://a;b.example.com/x', primaryColor: 'red;' };
    const answer = await api.call('PATCH', '/workspace/settings', { retentionDays: 99, portal: bad });
    expect(answer.status).toBe(422);
    expect(answer.body.error?.details?.errors.map(({ path }) => path)).toEqual([
      'retentionDays',
      ...frameAncestors.map((_, i) => `portal.frameAncestors[${i}]`),
      'portal.title',
      'portal.logoUrl',
      'portal.primaryColor',
    ]);
    const others = [
      '*',
      "'self'",
      'http://app.example.com',
      'https://app.example.com:443',
      'HTTPS://app.example.com',
      'https://u@app.example.com',
      'data:',
      'https://[::1]',
      '',
      'https://app_x.example.com',
    ];
    const more = await api.call('PATCH', '/workspace/settings', { portal: { frameAncestors: others } });
    expect(more.body.error?.details?.errors).toHaveLength(others.length);
    const eleven = Array.from({ length: 11 }, (_, i) => `https://a${i}.example.com`);
    for (const wrong of [
      { frameAncestors: eleven },
      { frameAncestors: [eleven[0], eleven[0]] },
      { colour: '#fff' },
      [],
    ])
      expect((await api.call('PATCH', '/workspace/settings', { portal: wrong })).status).toBe(422);
    expect(policyOf(await get(`/portal/${api.access.workspaceId}`))['frame-ancestors']).toEqual(["'none'"]);
    const { settings } = await api.ok<{ settings: object }>('PATCH', '/workspace/settings', {
      portal: { frameAncestors: ['https://10.1.2.3:8443', 'http://localhost'] },
    });
    expect(settings).toMatchObject({
      portal: { frameAncestors: ['https://10.1.2.3:8443', 'http://localhost'], title: null, logoUrl: null },
    });
  });
});

test('without a built dashboard a page says how to build it', async () => {
  const bare = await startContractApp({}, { dashboardDir: join(folder, 'nothing') });
  try {
    for (const path of ['/', '/subscriptions', `/portal/${NOBODY}`]) {
      const answer = await fetch(`${bare.app.url}${path}`, { headers: HTML });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(await answer.text()).toContain('npm run build');
      expect(policyOf(answer)['frame-ancestors']).toEqual(["'none'"]);
    }
  } finally {
    await bare.stop();
  }
});
