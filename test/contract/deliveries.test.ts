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
    receiver.respondAt('/good', { status: 200, body: 'thanks' });
    const { api } = running;
    const { _id } = await api.subscribe({ url: receiver.url('/good'), events: ['customer.created'] });
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
        responseBody: 'thanks',
        responseTruncated: false,
      },
    ]);
    const [received] = receiver.requests.filter(({ path }) => path === '/good');
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
    const answer = await api.call('GET', `/deliveries/${id}`);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    await api.ok('DELETE', `/integrations/webhooks/${_id}`);
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
