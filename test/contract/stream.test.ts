import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ApiAccess, ApiClient } from '../support/api-client.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { StreamClient } from '../support/stream-client.ts';
import { openStream } from '../support/stream-client.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const EVENT = 'crm.lead.created';
const UNRESOLVED = 'https://receiver.velahook-example.com/hook';

let receiver: Receiver;
let running: RunningApp;
/** A workspace of its own for each test. */
let api: ApiClient;
let streams: StreamClient[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
  // Its certificate is not trusted: every attempt fails, and quickly.
  running = await startContractApp({ VELAHOOK_ALLOW_NETWORKS: '127.0.0.0/8' });
});
beforeEach(async () => {
  api = await running.addWorkspace();
});
afterEach(() => {
  for (const stream of streams) stream.close();
  streams = [];
});
afterAll(async () => {
  await running.stop();
  await receiver.close();
});

async function open(query = '', headers = {}, access: ApiAccess = api.access): Promise<StreamClient> {
  const stream = await openStream(access, query, headers);
  streams.push(stream);
  return stream;
}

async function refusalOf(query: string, headers = {}, access?: ApiAccess): Promise<string> {
  const refused: unknown = await open(query, headers, access).catch((error: unknown) => error);
  if (!(refused instanceof Error)) throw new Error('it was opened');
  return refused.message;
}

/** Events that cannot be delivered yet. */
async function arrangePending(
  count: number,
  url = UNRESOLVED,
): Promise<{ subscriptionId: string; deliveryIds: string[] }> {
  const { _id: subscriptionId } = await api.subscribe({ url, events: [EVENT] });
  const events = Array.from({ length: count }, () => ({ eventType: EVENT, data: {} }));
  await api.ok('POST', '/events/batch', { events });
  const deliveries = await api.deliveries(`subscriptionId=${subscriptionId}`);
  return { subscriptionId, deliveryIds: deliveries.map(({ _id }) => _id).toSorted() };
}

describe('deliveries that are cancelled', () => {
  const cancelledIn = (stream: StreamClient) =>
    stream.of('delivery').filter(({ data }) => data['state'] === 'cancelled');

  test('are told of, whoever cancels them', async () => {
    const { subscriptionId, deliveryIds } = await arrangePending(3, receiver.url());
    const [first = '', second = ''] = deliveryIds;
    const stream = await open('?kinds=delivery');
    await api.ok('POST', `/deliveries/${first}/cancel`);
    const { eventId } = await api.delivery(first);
    const about = { deliveryId: first, subscriptionId, eventId, eventType: EVENT };
    await expect
      .poll(() => cancelledIn(stream).map(({ data }) => data))
      .toContainEqual({ ...about, state: 'cancelled', failureReason: null });
    const { eventId: replayed } = await api.delivery(second);
    const { deliveries } = await api.ok<{ deliveries: { _id: string }[] }>(
      'POST',
      `/events/${replayed}/replay`,
    );
    const idsIn = () => [...new Set(cancelledIn(stream).map(({ data }) => data['deliveryId']))].toSorted();
    await expect.poll(idsIn).toEqual([first, second]);
    await api.ok('PATCH', `/integrations/webhooks/${subscriptionId}`, { active: false });
    await expect.poll(idsIn).toEqual([...deliveryIds, ...deliveries.map(({ _id }) => _id)].toSorted());
  });

  test('are told of together where they are many', async () => {
    const { subscriptionId, deliveryIds } = await arrangePending(300);
    const [stream, typed, other] = [
      await open('?kinds=delivery'),
      await open('?eventTypes=inbox.*'),
      await open(`?subscriptionId=${'0'.repeat(24)}`),
    ];
    await api.ok('DELETE', `/integrations/webhooks/${subscriptionId}`);
    // Those in flight are told of by their record.
    const told = () => {
      const sums = stream.of('deliveries').map(({ data }) => Number(data['count']));
      return sums.reduce((sum, count) => sum + count, 0) + cancelledIn(stream).length;
    };
    await expect.poll(told).toBeGreaterThanOrEqual(deliveryIds.length);
    expect(stream.of('deliveries')[0]?.data).toEqual({
      subscriptionId,
      state: 'cancelled',
      count: expect.any(Number),
    });
    expect(stream.messages.length).toBeLessThan(150);
    await expect.poll(() => typed.of('deliveries')).not.toEqual([]);
    expect(other.messages).toEqual([]);
  });
});

describe('a stream', () => {
  test('tells what happens in the workspace, as ids and summaries', async () => {
    const stream = await open();
    const { _id: subscriptionId } = await api.subscribe({
      url: receiver.url('/'),
      events: ['crm.*'],
    });
    const { eventId } = await api.publish(EVENT, { secret: 'canary' });
    await expect.poll(() => stream.of('attempt')).toHaveLength(1);
    await api.ok('DELETE', `/integrations/webhooks/${subscriptionId}`);
    await expect.poll(() => stream.of('subscription').at(-1)?.data['status']).toBe('deleted');
    expect(stream.of('event')).toMatchObject([{ data: { eventId, eventType: EVENT, deliveries: 1 } }]);
    expect(stream.of('attempt')).toMatchObject([
      { data: { eventId, subscriptionId, number: 1, outcome: 'tls', statusCode: null } },
    ]);
    expect(stream.of('subscription')[0]).toMatchObject({ data: { subscriptionId, status: 'active' } });
    const numbers = stream.messages.map(({ id }) => Number(id));
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
    expect(stream.text).not.toContain('canary');
  });

  test('has nothing of another workspace', async () => {
    const other = await running.addWorkspace();
    const [mine, theirs] = [await open(), await open('', {}, other.access)];
    const { eventId } = await api.publish(EVENT, {});
    const last = await other.publish(EVENT, {});
    await expect.poll(() => theirs.of('event')).toHaveLength(1);
    await expect.poll(() => mine.of('event')).toHaveLength(1);
    expect(mine.text).toContain(eventId);
    expect(theirs.text).not.toContain(eventId);
    expect(mine.text).not.toContain(last.eventId);
  });

  test('shows the kinds, types and subscription that are asked for', async () => {
    const [typed, kinds, one] = [
      await open('?eventTypes=inbox.*,crm.lead.stage_changed'),
      await open('?kinds=subscription'),
      await open(`?subscriptionId=${'0'.repeat(24)}`),
    ];
    const all = await open();
    for (const type of [EVENT, 'crm.lead.stage_changed', 'inbox.message.received'])
      await api.publish(type, {});
    await api.subscribe({ url: receiver.url('/'), events: [EVENT] });
    await expect.poll(() => all.messages).toHaveLength(4);
    await expect.poll(() => typed.of('event')).toHaveLength(2);
    await expect.poll(() => kinds.of('subscription')).toHaveLength(1);
    expect(kinds.messages).toHaveLength(1);
    expect(one.messages).toEqual([]);
  });

  test('goes on behind the last message that was seen, and says what is gone', async () => {
    const first = await open();
    await api.publish(EVENT, { n: 1 });
    await expect.poll(() => first.of('event')).toHaveLength(1);
    first.close();
    const missed = [await api.publish(EVENT, { n: 2 }), await api.publish(EVENT, { n: 3 })];
    const again = await open('', { 'last-event-id': first.lastId ?? '' });
    await expect
      .poll(() => again.of('event').map(({ data }) => data['eventId']))
      .toEqual(missed.map(({ eventId }) => eventId));
    expect(again.of('gap')).toEqual([]);
    // Never a number of this stream, and one of long ago.
    const [ahead, ancient] = [
      await open('', { 'last-event-id': '9007199254740991' }),
      await open('', { 'last-event-id': '7' }),
    ];
    await expect.poll(() => ancient.of('event')).toHaveLength(3);
    expect(ancient.messages[0]).toMatchObject({ event: 'gap', data: { after: '7' } });
    const { eventId } = await api.publish(EVENT, { n: 4 });
    await expect.poll(() => ahead.of('event').map(({ data }) => data['eventId'])).toEqual([eventId]);
    expect(ahead.messages[0]?.event).toBe('gap');
  });

  test('ends when its token is revoked, with a last word', async () => {
    const short = await running.addToken({ expiresAt: Date.now() + 2_000 });
    const stream = await open('', {}, short.access);
    await expect.poll(() => stream.isClosed).toBe(true);
    expect(stream.of('end')).toMatchObject([{ data: { reason: 'token' } }]);
  });

  test('is refused past a bounded number, for one workspace and not for others', async () => {
    await Promise.all(Array.from({ length: 20 }, () => open()));
    const refusal = await refusalOf('');
    expect(refusal).toMatch(/^HTTP\/1\.1 429/);
    expect(refusal.toLowerCase()).toContain('retry-after: 30');
    await open('', {}, running.api.access);
    streams[0]?.close();
    await expect.poll(() => refusalOf('').catch(() => 'open')).toBe('open');
  });
});

test('a token sees what its scopes allow, and is told which one it lacks', async () => {
  const reader = await running.addToken({ workspaceId: api.access.workspaceId, scopes: ['events:read'] });
  const [stream, all] = [await open('', {}, reader.access), await open()];
  await api.subscribe({ url: receiver.url('/'), events: [EVENT] });
  await api.publish(EVENT, {});
  await expect.poll(() => all.of('attempt')).not.toEqual([]);
  await expect.poll(() => stream.of('event')).toHaveLength(1);
  expect(new Set(stream.messages.map(({ event }) => event))).toEqual(new Set(['event']));
  expect(await refusalOf('?kinds=event,attempt', {}, reader.access)).toMatch(
    /^HTTP\/1\.1 403[\s\S]*deliveries:read/,
  );
  const writer = await running.addToken({ scopes: ['events:write'] });
  expect(await refusalOf('', {}, writer.access)).toMatch(/^HTTP\/1\.1 403/);
});

test.each([
  ['?kinds=event,else', {}],
  ['?eventTypes=crm', {}],
  ['?subscriptionId=x', {}],
  ['?else=1', {}],
  ['', { 'last-event-id': 'x' }],
])('a malformed question is a 400: %s', async (query, headers) => {
  expect(await refusalOf(query, headers)).toMatch(/^HTTP\/1\.1 400/);
});

test('streams end with the process', async () => {
  const short = await startContractApp();
  const stream = await openStream(short.api.access);
  await short.stop();
  await expect.poll(() => stream.isClosed).toBe(true);
  expect(stream.of('end')).toMatchObject([{ data: { reason: 'shutdown' } }]);
});
