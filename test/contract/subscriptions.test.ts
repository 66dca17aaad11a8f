import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const HOOKS = '/integrations/webhooks';
const URL_OK = 'https://receiver.velahook-example.com/hook';

interface Shown {
  _id: string;
  secret?: string;
  [field: string]: unknown;
}

let running: RunningApp;
/** A workspace of its own for each test. */
let api: ApiClient;
beforeAll(async () => {
  running = await startContractApp({ VELAHOOK_MAX_SUBSCRIPTIONS: '30' });
});
beforeEach(async () => {
  api = await running.addWorkspace();
});
afterAll(() => running.stop());

async function create(fields: Record<string, unknown>): Promise<Shown> {
  const data = await api.ok<{ subscription: Shown }>('POST', HOOKS, {
    url: URL_OK,
    events: ['crm.*'],
    ...fields,
  });
  return data.subscription;
}

async function get(id: string): Promise<Shown> {
  return (await api.ok<{ subscription: Shown }>('GET', `${HOOKS}/${id}`)).subscription;
}

async function patch(id: string, fields: Record<string, unknown>): Promise<Shown> {
  return (await api.ok<{ subscription: Shown }>('PATCH', `${HOOKS}/${id}`, fields)).subscription;
}

async function mistakesOf(method: string, path: string, body: unknown): Promise<string[]> {
  const answer = await api.call(method, path, body);
  if (answer.status !== 422) throw new Error(`${answer.status} ${answer.text}`);
  return (answer.body.error?.details?.errors ?? []).map(({ path: at }) => at);
}

describe('creating', () => {
  it('answers everything about it, and a generated secret this once', async () => {
    const answer = await api.call('POST', HOOKS, { url: URL_OK, events: ['crm.lead.created', 'inbox.*'] });
    expect(answer.status).toBe(201);
    const { subscription } = answer.body.data as { subscription: Shown };
    expect(subscription).toEqual({
      _id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      workspaceId: api.access.workspaceId,
      url: URL_OK,
      events: ['crm.lead.created', 'inbox.*'],
      active: true,
      status: 'active',
      description: null,
      timeoutMs: 10_000,
      rateLimit: null,
      ordered: false,
      ed25519: false,
      publicKey: null,
      previousPublicKey: null,
      rotationEndsAt: null,
      headers: {},
      filter: null,
      hasSecret: false,
      secretHint: subscription.secret?.slice(-4),
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      updatedAt: subscription['createdAt'],
      deactivatedAt: null,
      deactivationReason: null,
      warnings: [],
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) as string,
    });
    const { secret: _once, ...rest } = subscription;
    expect(await get(subscription._id)).toEqual(rest);
  });

  it('keeps every field that is given', async () => {
    const fields = {
      url: `${URL_OK}?a=1&b=%20`,
      events: ['*'],
      secret: 'whsec_my-own-signing-secret',
      active: false,
      description: 'ünïcödé <b>"\u202e',
      timeoutMs: 30_000,
      rateLimit: 1_000,
      ordered: true,
    };
    const subscription = await create(fields);
    const { secret: _secret, ...shown } = fields;
    expect(subscription).toMatchObject({ ...shown, status: 'inactive', hasSecret: true, secretHint: 'cret' });
    expect(subscription.secret).toBeUndefined();
  });

  it('takes the same URL twice, and no more than the workspace may have', async () => {
    for (let n = 0; n < 30; n += 1) await create({});
    const answer = await api.call('POST', HOOKS, { url: URL_OK, events: ['crm.*'] });
    expect([answer.status, answer.body.error?.code]).toEqual([409, 'CONFLICT']);
  });

  it('warns of a short secret, without telling it, and of unknown event types', async () => {
    const subscription = await create({ secret: 'abc', events: ['shop.order.paid', 'erp.*', 'crm.*'] });
    expect(subscription['warnings']).toHaveLength(3);
    expect(subscription['secretHint']).toBe('');
    expect((await get(subscription._id))['warnings']).toHaveLength(2);
  });

  it('tells every mistake at once', async () => {
    const fields = {
      url: 'http://user:pass@localhost:22/#x',
      events: ['crm.lead.created', 7, 'crm.lead.created', 'crm.lead.craeted', 'bad type'],
      secret: '',
      active: 'yes',
      description: 'x'.repeat(256),
      timeoutMs: 999,
      rateLimit: 0,
      ordered: 1,
      unknown: 1,
      createdAt: 2,
    };
    const mistakes = await mistakesOf('POST', HOOKS, fields);
    expect(new Set(mistakes)).toEqual(
      new Set([
        'url',
        'events[1]',
        'events[2]',
        'events[3]',
        'events[4]',
        'secret',
        'active',
        'description',
        'timeoutMs',
        'rateLimit',
        'ordered',
        'unknown',
        'createdAt',
      ]),
    );
    expect(await mistakesOf('POST', HOOKS, {})).toEqual(['url', 'events']);
  });

  it.each([
    ['url', 7],
    ['url', null],
    ['url', ''],
    ['url', `https://receiver.velahook-example.com/${'x'.repeat(2_048)}`],
    ['url', 'https://169.254.169.254/latest/meta-data'],
    ['url', 'https://0x7f.1/'],
    ['events', []],
    ['events', 'crm.lead.created'],
    ['events', Array.from({ length: 101 }, (_, n) => `crm.lead.type${n}00`)],
    ['events[0]', ['']],
    ['events[0]', ['x'.repeat(129)]],
    ['events[0]', ['crm.*.created']],
    ['events[0]', [null]],
    ['secret', 'x'.repeat(257)],
    ['secret', 'tab\there'],
    ['secret', 'ümlaut'],
    ['secret', null],
    ['active', null],
    ['active', 1],
    ['timeoutMs', 30_001],
    ['timeoutMs', 1_000.5],
    ['timeoutMs', '10000'],
    ['rateLimit', 1_001],
    ['rateLimit', 1.5],
    ['rateLimit', '5'],
    ['ordered', null],
    ['ordered', 'yes'],
    ['description', {}],
  ])('refuses %s of %j, on that path', async (path, value) => {
    const field = path.replace(/\[.*/, '');
    const fields = { url: URL_OK, events: ['crm.*'], [field]: value };
    const onCreate = await mistakesOf('POST', HOOKS, fields);
    expect(onCreate.length).toBeGreaterThan(0);
    expect(new Set(onCreate)).toEqual(new Set([path]));
    const { _id } = await create({});
    expect(new Set(await mistakesOf('PATCH', `${HOOKS}/${_id}`, { [field]: value }))).toEqual(
      new Set([path]),
    );
  });
});

describe('changing', () => {
  it('changes what is given and leaves the rest', async () => {
    const before = await create({ description: 'first', secret: 'a-secret-of-our-own' });
    const after = await patch(before._id, { events: ['customer.created'], timeoutMs: 5_000 });
    expect(after).toEqual({
      ...before,
      events: ['customer.created'],
      timeoutMs: 5_000,
      updatedAt: after['updatedAt'],
    });
    expect(Date.parse(String(after['updatedAt']))).toBeGreaterThanOrEqual(
      Date.parse(String(before['updatedAt'])),
    );
    expect((await patch(before._id, { description: null }))['description']).toBeNull();
    expect(await patch(before._id, {})).toMatchObject({ events: ['customer.created'] });
  });

  it('of the secret makes it a configured one, and never shows it', async () => {
    const { _id } = await create({});
    const answer = await api.call('PATCH', `${HOOKS}/${_id}`, { secret: 'brand-new-secret-4711' });
    expect(answer.body.data?.['subscription']).toMatchObject({ hasSecret: true, secretHint: '4711' });
    expect(answer.text).not.toContain('brand-new-secret');
  });

  it('of active switches it off and on again', async () => {
    const { _id } = await create({});
    expect(await patch(_id, { active: false })).toMatchObject({ active: false, status: 'inactive' });
    expect(await patch(_id, { active: true })).toMatchObject({
      active: true,
      status: 'active',
      deactivatedAt: null,
    });
  });

  it('is seen by what is published as soon as it is answered', async () => {
    const { _id } = await create({ events: ['customer.created'] });
    const deliveries = async () => (await api.publish('customer.created', {})).deliveries;
    expect(await deliveries()).toBe(1);
    await patch(_id, { events: ['crm.*'] });
    expect(await deliveries()).toBe(0);
    await patch(_id, { events: ['*'] });
    expect(await deliveries()).toBe(1);
    await api.ok('DELETE', `${HOOKS}/${_id}`);
    expect(await deliveries()).toBe(0);
  });
});

describe('deleting', () => {
  it('answers what it deleted; the second time there is none', async () => {
    const { _id } = await create({});
    expect((await api.call('DELETE', `${HOOKS}/${_id}`)).body.data).toEqual({ deleted: true, _id });
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const answer = await api.call(method, `${HOOKS}/${_id}`, method === 'PATCH' ? {} : undefined);
      expect([method, answer.status]).toEqual([method, 404]);
    }
  });
});

describe('the list', () => {
  interface List {
    items: Shown[];
    pagination: { page: number; limit: number; total: number; totalPages: number };
  }
  const list = (query: string) => api.ok<List>('GET', `${HOOKS}?${query}`);

  it('comes in pages, newest first unless asked otherwise', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push((await create({ description: `number ${n}` }))._id);
    const pages = [await list('limit=2'), await list('limit=2&page=2'), await list('limit=2&page=3')];
    const seen = pages.flatMap(({ items }) => items.map(({ _id }) => _id));
    expect(new Set(seen)).toEqual(new Set(ids));
    expect(pages[0]?.pagination).toEqual({ page: 1, limit: 2, total: 5, totalPages: 3 });
    expect((await list('page=99')).items).toEqual([]);
    const created = (await list('sortOrder=asc')).items.map(({ createdAt }) => String(createdAt));
    expect(created).toEqual(created.toSorted());
    expect((await list('')).pagination.limit).toBe(20);
  });

  it('is filtered by what it is asked for, literally', async () => {
    await create({
      url: 'https://one.velahook-example.com/a%25b',
      events: ['crm.*'],
      description: "o'neil_100%",
    });
    await create({ url: 'https://two.velahook-example.com/', events: ['crm.lead.created'], active: false });
    const urls = async (query: string) =>
      (await list(query)).items.map(({ url }) => new URL(String(url)).hostname[0]);
    expect(await urls('active=true')).toEqual(['o']);
    expect(await urls('active=false')).toEqual(['t']);
    expect(await urls('eventType=crm.*')).toEqual(['o']);
    expect(await urls('eventType=crm.lead.created')).toEqual(['t']);
    expect(await urls(`url=${encodeURIComponent('https://two.velahook-example.com/')}`)).toEqual(['t']);
    expect(await urls(`search=${encodeURIComponent("O'NEIL_")}`)).toEqual(['o']);
    for (const text of ['%', '_100%', '100%']) {
      expect([text, await urls(`search=${encodeURIComponent(text)}`)]).toEqual([text, ['o']]);
    }
    for (const text of [
      'onneil',
      'o_neil',
      '%two',
      "' OR '1'='1",
      '\\',
      '*',
      '"; DROP TABLE subscriptions; --',
    ]) {
      expect([text, await urls(`search=${encodeURIComponent(text)}`)]).toEqual([text, []]);
    }
    expect(await urls('sortBy=url&sortOrder=asc')).toEqual(['o', 't']);
  });

  it.each([
    'page=0',
    'page=-1',
    'page=1.5',
    'limit=0',
    'limit=101',
    'sortBy=secret',
    'sortOrder=up',
    'active=maybe',
    'x=1',
  ])('refuses %s', async (query) => {
    expect((await api.call('GET', `${HOOKS}?${query}`)).status).toBe(400);
  });
});
