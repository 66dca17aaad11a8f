import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DnsServer } from '../support/dns-server.ts';
import { startDnsServer } from '../support/dns-server.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const HOOKS = '/integrations/webhooks';
const ADDRESSES: Record<string, string[]> = {
  'public.velahook-example.com': ['198.41.0.4'],
  'inside.velahook-example.com': ['10.0.0.1'],
  'both.velahook-example.com': ['198.41.0.4', '127.0.0.1'],
};

let dns: DnsServer;
let running: RunningApp;
beforeAll(async () => {
  dns = await startDnsServer((name, type) => (type === 'A' ? ADDRESSES[name] : []));
  running = await startContractApp({ VELAHOOK_DNS_SERVERS: dns.address });
});
afterAll(async () => {
  await running.stop();
  await dns.close();
});

const urlOf = (name: string) => `https://${name}.velahook-example.com/hook`;
const create = (name: string) =>
  running.api.call('POST', HOOKS, { url: urlOf(name), events: ['crm.lead.created'] });

describe('a name in a URL', () => {
  it('that resolves inside is refused, at create and at PATCH', async () => {
    const { _id } = await running.api.subscribe({ url: urlOf('public'), events: ['crm.lead.created'] });
    for (const name of ['inside', 'both']) {
      const change = await running.api.call('PATCH', `${HOOKS}/${_id}`, { url: urlOf(name) });
      for (const { status, body, text } of [await create(name), change]) {
        expect([name, status]).toEqual([name, 422]);
        expect(body.error?.details?.errors.map(({ path }) => path)).toEqual(['url']);
        // Whoever asks does not learn what is where.
        expect(text).not.toMatch(/10\.0\.0\.1|127\.0\.0\.1/);
      }
    }
    const { subscription } = await running.api.ok<{ subscription: object }>('GET', `${HOOKS}/${_id}`);
    expect(subscription).toMatchObject({ url: urlOf('public') });
  });

  it('that does not resolve is taken: it may be about to', async () => {
    expect((await create('nobody-yet')).status).toBe(201);
    expect(dns.questions).toContain('nobody-yet.velahook-example.com A');
  });
});
