import { describe, expect, it } from 'vitest';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

async function withLimits(limits: string, check: (running: RunningApp) => Promise<void>): Promise<void> {
  const running = await startContractApp({ VELAHOOK_RATE_LIMITS: limits });
  try {
    await check(running);
  } finally {
    await running.stop();
  }
}

describe('a rate limit', () => {
  it('is told in every answer it applies to, and refuses what is over it', async () => {
    await withLimits('read=3,write=0', async ({ api }) => {
      const before = Math.floor(Date.now() / 1000);
      const answers = [];
      for (let n = 0; n < 5; n += 1) answers.push(await api.call('GET', '/events'));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
      expect(answers.map(({ headers }) => headers.get('x-ratelimit-limit'))).toEqual(Array(5).fill('3'));
      expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual([
        '2',
        '1',
        '0',
        '0',
        '0',
      ]);
      const refused = answers[3];
      const reset = Number(refused?.headers.get('x-ratelimit-reset'));
      expect(reset).toBeGreaterThan(before + 890);
      expect(reset).toBeLessThan(before + 905);
      expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(900);
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(890);
      expect(refused?.body.error?.code).toBe('TOO_MANY_REQUESTS');
    });
  });

  it('counts per token and per class', async () => {
    await withLimits('read=1,write=1,delete=1,publish=1', async ({ api, addToken }) => {
      const calls = [
        ['GET', '/events'],
        ['POST', '/integrations/webhooks'],
        ['DELETE', `/integrations/webhooks/${'f'.repeat(24)}`],
        ['POST', '/events'],
      ] as const;
      for (const [method, path] of calls) {
        expect([path, (await api.call(method, path)).status]).not.toEqual([path, 429]);
        expect([path, (await api.call(method, path)).status]).toEqual([path, 429]);
      }
      expect((await (await addToken({})).call('GET', '/events')).status).toBe(200);
    });
  });

  it('of publishing counts each event of a batch, whatever becomes of it, and takes a batch whole or not at all', async () => {
    await withLimits('publish=10', async ({ api, app }) => {
      const batchOf = (count: number) => {
        const events = Array.from({ length: count }, () => ({ eventType: 'crm.lead.created', data: {} }));
        return api.call('POST', '/events/batch', { events });
      };
      const first = await batchOf(6);
      expect([first.status, first.headers.get('x-ratelimit-remaining')]).toEqual([202, '4']);
      const refused = await batchOf(5);
      expect([refused.status, refused.body.error?.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
      expect(refused.headers.get('x-ratelimit-limit')).toBe('10');
      // The request itself was one; its events were none.
      expect(refused.headers.get('x-ratelimit-remaining')).toBe('3');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(890);
      expect(refused.body.error?.message).toContain(
        '4 more publish requests, and the token has 3 left of its 10',
      );
      const wrong = await api.call('POST', '/events/batch', { events: [{}, 7] });
      expect([wrong.status, wrong.headers.get('x-ratelimit-remaining')]).toEqual([202, '1']);
      const single = await api.call('POST', '/events', { eventType: 'crm.lead.created', data: {} });
      expect([single.status, single.headers.get('x-ratelimit-remaining')]).toEqual([202, '0']);
      expect((await batchOf(1)).status).toBe(429);
      expect((await app.store.listEvents(api.access.workspaceId, { limit: 20 })).items).toHaveLength(7);
    });
  });

  it('counts before the body is looked at, and after the token is', async () => {
    await withLimits('write=1', async ({ api, addToken }) => {
      const reader = await addToken({ scopes: ['integrations:read'] });
      expect((await reader.call('POST', '/integrations/webhooks', {})).status).toBe(403);
      expect((await reader.call('POST', '/integrations/webhooks', {})).status).toBe(403);
      expect((await api.call('POST', '/integrations/webhooks', 'no JSON')).status).toBe(400);
      expect((await api.call('POST', '/integrations/webhooks', 'no JSON')).status).toBe(429);
    });
  });

  it('does not apply to publishing by default, nor to anything when off', async () => {
    await withLimits('on', async ({ api }) => {
      const answer = await api.call('POST', '/events', { eventType: 'crm.lead.created', data: {} });
      expect(answer.status).toBe(202);
      expect(answer.headers.get('x-ratelimit-limit')).toBeNull();
      expect((await api.call('GET', '/events')).headers.get('x-ratelimit-limit')).toBe('300');
    });
    await withLimits('off', async ({ api }) => {
      expect((await api.call('GET', '/events')).headers.get('x-ratelimit-limit')).toBeNull();
    });
  });
});
