import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

interface Attempt {
  _id: string;
  responseBody: string | null;
  [field: string]: unknown;
}

interface Delivery {
  _id: string;
  attempts: Attempt[];
  [field: string]: unknown;
}

let receiver: Receiver;
let running: RunningApp;
let folder: string;
beforeAll(async () => {
  receiver = await startReceiver();
  folder = mkdtempSync(join(tmpdir(), 'velahook-ca-'));
  writeFileSync(join(folder, 'ca.pem'), receiver.ca);
  running = await startContractApp({
    VELAHOOK_ALLOW_NETWORKS: '127.0.0.0/8',
    VELAHOOK_CA_FILE: join(folder, 'ca.pem'),
    VELAHOOK_RETRY_SCHEDULE: '50ms',
    VELAHOOK_USER_AGENT: 'Acme-Webhooks/2.0',
  });
});
afterAll(async () => {
  await running.stop();
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

async function deliveryOf(id: string): Promise<Delivery> {
  return (await running.api.ok<{ delivery: Delivery }>('GET', `/deliveries/${id}`)).delivery;
}

interface HeaderField {
  name: string;
  value: string;
}

function requestOf(attempt: Attempt | undefined) {
  return attempt?.['request'] as { sent: boolean; url: string; headers: HeaderField[] };
}

/** What came over the wire as it is to be shown: secrets are not, and neither is what belongs to the connection. */
function elided(rawHeaders: readonly string[]): HeaderField[] {
  const fields: HeaderField[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    if (/^(?:host|connection|content-length)$/i.test(name)) continue;
    if (/signature$/i.test(name)) fields.push({ name, value: value.replaceAll(/(?<=[=,])\S+/g, '…') });
    else if (/^(?:authorization|x-tenant)$/i.test(name)) fields.push({ name, value: '********' });
    else fields.push({ name, value });
  }
  return fields;
}

/** Subscribes, publishes, and waits until its one delivery has ended. */
async function deliver(path: string): Promise<Delivery> {
  const { api } = running;
  const { _id } = await api.subscribe({
    url: receiver.url(path),
    events: ['crm.lead.created'],
    description: path,
  });
  const { eventId } = await api.publish('crm.lead.created', { path });
  await api.ok('DELETE', `/integrations/webhooks/${_id}`).catch(() => undefined);
  const [delivery] = await api.deliveries(`eventId=${eventId}&subscriptionId=${_id}`);
  return deliveryOf(delivery?._id ?? '');
}

describe('a delivery', () => {
  it('that succeeded shows its attempt in full', async () => {
    receiver.respondAt('/good?a=1', {
      status: 200,
      body: 'thanks',
      headers: { 'content-type': 'text/plain' },
    });
    const { api } = running;
    const url = receiver.url('/good?a=1');
    const headers = { Authorization: 'Bearer a-secret-of-theirs', 'X-Tenant': '7' };
    const { _id } = await api.subscribe({
      url,
      events: ['customer.created'],
      secret: 'sixteen-chars-ok',
      headers,
    });
    const { eventId } = await api.publish('customer.created', {});
    const [{ _id: id } = { _id: '' }] = await api.deliveries(`eventId=${eventId}`);
    await expect.poll(async () => (await deliveryOf(id))['state']).toBe('succeeded');
    const delivery = await deliveryOf(id);
    expect(delivery).toMatchObject({
      subscriptionId: _id,
      eventId,
      failureReason: null,
      attemptCount: 1,
      nextAttemptAt: null,
      lastOutcome: 'success',
      lastStatusCode: 200,
      lastError: null,
    });
    expect(delivery.attempts).toEqual([
      {
        _id: expect.stringMatching(/^att_[0-9a-f]{24}$/) as string,
        number: 1,
        startedAt: expect.stringMatching(/Z$/) as string,
        durationMs: expect.any(Number) as number,
        outcome: 'success',
        statusCode: 200,
        error: null,
        advice: null,
        request: { sent: true, method: 'POST', url, headers: expect.any(Array) as unknown },
        responseHeaders: [{ name: 'content-type', value: 'text/plain' }],
        responseHeadersLeftOut: expect.any(Number) as number,
        responseBody: 'thanks',
        responseTruncated: false,
        timing: {
          dnsMs: expect.any(Number) as number,
          connectMs: expect.any(Number) as number,
          tlsMs: expect.any(Number) as number,
          waitMs: expect.any(Number) as number,
          connectionReused: false,
        },
        remoteAddress: '127.0.0.1',
      },
    ]);
    const [received] = receiver.requests.filter(({ path }) => path === '/good?a=1');
    expect(requestOf(delivery.attempts[0]).headers).toEqual(elided(received?.rawHeaders ?? []));
    expect(JSON.stringify(delivery)).not.toContain('a-secret-of-theirs');
    expect(received?.headers['x-webhook-delivery-id']).toBe(delivery.attempts[0]?._id);
    expect(received?.headers['user-agent']).toBe('Acme-Webhooks/2.0');
    expect(await deliveryOf(delivery.attempts[0]?._id ?? '')).toEqual(delivery);
    const { event } = await api.ok<{ event: { summary: string } }>('GET', `/events/${eventId}`);
    expect(event.summary).toBe('Delivered to its one subscription.');
    await api.ok('DELETE', `/integrations/webhooks/${_id}`);
    expect(await deliveryOf(id)).toMatchObject({ state: 'succeeded', subscriptionStatus: 'deleted' });
  });

  it('that failed shows every attempt, and what the receiver said as inert text', async () => {
    const hostile = Buffer.concat([
      Buffer.from('<script>alert(1)</script>\u0000\u001b[31m\u202e'),
      Buffer.from([0xff, 0xfe, 0xc3]),
      Buffer.alloc(20_000, 'x'),
    ]);
    receiver.respondAt('/bad', { status: 500, body: hostile, headers: { 'content-type': 'text/html' } });
    const { api } = running;
    const { _id } = await api.subscribe({ url: receiver.url('/bad'), events: ['customer.merged'] });
    const { eventId } = await api.publish('customer.merged', {});
    const [{ _id: id } = { _id: '' }] = await api.deliveries(`eventId=${eventId}`);
    await expect.poll(async () => (await deliveryOf(id))['state']).toBe('failed');
    const delivery = await deliveryOf(id);
    expect(delivery).toMatchObject({ failureReason: 'exhausted', attemptCount: 2, lastStatusCode: 500 });
    expect(delivery.attempts.map(({ number, outcome, statusCode }) => [number, outcome, statusCode])).toEqual(
      [
        [1, 'http_status', 500],
        [2, 'http_status', 500],
      ],
    );
    const [first] = delivery.attempts;
    const shown = '<script>alert(1)</script>\u0000\u001b[31m\u202e\ufffd';
    expect(first?.responseBody?.slice(0, shown.length)).toBe(shown);
    expect(first?.responseBody?.length).toBeLessThanOrEqual(16 * 1024);
    expect(first?.['responseTruncated']).toBe(true);
    expect(first?.['advice']).toMatch(/log/);
    expect(first?.['responseHeaders']).toContainEqual({ name: 'content-type', value: 'text/html' });
    const answer = await api.call('GET', `/deliveries/${id}`);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    await api.ok('DELETE', `/integrations/webhooks/${_id}`);
  });

  it('that is replayed after a change of the URL shows where each attempt went, and what was never sent', async () => {
    receiver.respondAt('/old', { status: 301, headers: { location: 'https://elsewhere.example.com/' } });
    const { api } = running;
    const old = receiver.url('/old');
    const away = await startReceiver();
    await away.close();
    const gone = away.url();
    const subscription = await api.subscribe({ url: old, events: ['customer.updated'] });
    const { eventId } = await api.publish('customer.updated', {});
    const [{ _id: id } = { _id: '' }] = await api.deliveries(`eventId=${eventId}`);
    await expect.poll(async () => (await deliveryOf(id))['state']).toBe('failed');
    await api.ok('PATCH', `/integrations/webhooks/${subscription._id}`, { url: gone });
    const { delivery } = await api.ok<{ delivery: Delivery }>('POST', `/deliveries/${id}/replay`);
    await expect.poll(async () => (await deliveryOf(delivery._id))['state']).toBe('failed');
    const [first] = (await deliveryOf(id)).attempts;
    expect(first).toMatchObject({ request: { url: old, sent: true }, statusCode: 301 });
    expect(first?.['advice']).toMatch(/redirects/);
    expect(first?.['responseHeaders']).toContainEqual({
      name: 'location',
      value: 'https://elsewhere.example.com/',
    });
    const [second] = (await deliveryOf(delivery._id)).attempts;
    expect(second).toMatchObject({
      outcome: 'connect',
      advice: expect.stringMatching(/firewall/) as string,
      request: { url: gone, sent: false, headers: [] },
      responseHeaders: null,
      responseHeadersLeftOut: 0,
      timing: { tlsMs: null, waitMs: null, connectionReused: false },
      remoteAddress: '127.0.0.1',
    });
    await api.ok('DELETE', `/integrations/webhooks/${subscription._id}`);
  });

  it('is found by what happened to it', async () => {
    const { api } = running;
    expect(await api.deliveries('statusCode=500')).toHaveLength(1);
    expect(await api.deliveries('state=succeeded')).toHaveLength(1);
    expect(await api.deliveries('state=failed&eventType=customer.merged')).toHaveLength(1);
    expect(await api.deliveries('eventType=crm.lead.created')).toHaveLength(0);
    expect(await api.deliveries("eventType='%20OR%201=1")).toHaveLength(0);
    for (const query of ['state=lost', 'statusCode=5xx', 'statusCode=99', 'since=now', 'cursor=', 'page=1']) {
      expect([query, (await api.call('GET', `/deliveries?${query}`)).status]).toEqual([query, 400]);
    }
  });

  it('of a deleted subscription says so', async () => {
    receiver.respondAt('/hangs', { hang: true });
    expect(await deliver('/hangs')).toMatchObject({ subscriptionStatus: 'deleted' });
  });
});
