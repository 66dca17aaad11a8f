import type { AuditAction } from '../../src/domain/audit.ts';
import type { ApiClient } from '../support/api-client.ts';
import { BrowserSession } from '../support/browser-session.ts';

/** Somebody whose things are made: what is theirs has their mark in it. */
export interface Owner {
  api: ApiClient;
  admin: ApiClient;
  mark: string;
}

/** A request that is right for whoever owns what it names. */
export interface Call {
  /** Below `/api/v1`. */
  path: string;
  body?: unknown;
  /** What it needs besides a token. */
  headers?: Record<string, string>;
}

/** How a route is called, and what is to be seen of it. */
export interface RouteCase {
  /** Makes all that the call names, and answers the call. */
  make(owner: Owner): Promise<Call> | Call;
  /**
   * What the call is answered to another workspace: as an unknown id (404), as something of the caller's own (what it
   * names is in the body or the query, or it names nothing), or not at all, since the admin token calls it, or it is of
   * whoever has what it asks for.
   */
  toOthers: 'unknown' | 'their own' | 'admin only' | "the holder's";
  /** What a call that changes something leaves in the audit log; or why it leaves nothing. */
  audit?: AuditAction | { none: string };
}

const HOOKS = '/integrations/webhooks';

async function subscribe({ api, mark }: Owner): Promise<string> {
  const url = `https://${mark}.velahook-example.com/hook`;
  const fields = { url, events: ['*'], description: `of ${mark}`, secret: `secret-of-${mark}` };
  return (await api.subscribe(fields))._id;
}

async function publish({ api, mark }: Owner): Promise<string> {
  return (await api.publish('customer.created', { of: mark })).eventId;
}

async function deliver(
  owner: Owner,
): Promise<{ subscriptionId: string; eventId: string; deliveryId: string }> {
  const subscriptionId = await subscribe(owner);
  const eventId = await publish(owner);
  const [delivery] = await owner.api.deliveries(`eventId=${eventId}&subscriptionId=${subscriptionId}`);
  return { subscriptionId, eventId, deliveryId: delivery?._id ?? '' };
}

/** One that has a delivery to make, which no receiver ends: it goes on until it is cancelled. */
async function startReplay(owner: Owner): Promise<string> {
  const { subscriptionId, deliveryId } = await deliver(owner);
  await owner.api.ok('POST', `/deliveries/${deliveryId}/cancel`);
  const since = '2026-01-01T00:00:00.000Z';
  const { replay } = await owner.api.ok<{ replay: { _id: string } }>(
    'POST',
    `${HOOKS}/${subscriptionId}/replay`,
    { since },
  );
  return replay._id;
}

/** One that has so much to look at, two events in a step, that it runs for half a second. */
async function startErasure({ api, mark }: Owner): Promise<string> {
  const events = Array.from({ length: 19 }, () => ({
    eventType: 'customer.merged',
    data: { pad: 'x'.repeat(262_100) },
  }));
  await api.ok('POST', '/events/batch', { events });
  const body = { path: `$.${mark}`, value: mark };
  return (await api.ok<{ erasure: { _id: string } }>('POST', '/erasures', body)).erasure._id;
}

async function makeWorkspace({ admin, mark }: Owner): Promise<string> {
  const { workspace } = await admin.ok<{ workspace: { _id: string } }>('POST', '/workspaces', { name: mark });
  return workspace._id;
}

async function makeToken(owner: Owner): Promise<string> {
  const { workspaceId } = owner.api.access;
  const draft = { workspaceId, name: owner.mark, scopes: ['events:read'] };
  return (await owner.admin.ok<{ token: { _id: string } }>('POST', '/tokens', draft)).token._id;
}

async function signIn({ api }: Owner): Promise<Call> {
  const browser = await BrowserSession.start(api.access.url, api.access.token);
  return { path: '/session', headers: browser.headers() };
}

let eventTypesMade = 0;

async function makeEventType({ api, mark }: Owner): Promise<string> {
  eventTypesMade += 1;
  const name = `shop.${mark}.n${eventTypesMade}`;
  await api.ok('POST', '/event-types', { name });
  return name;
}

/** Every route of the API, as `/openapi.json` names it: one without a row here fails `sealed-tenants.test.ts`. */
export const ROUTE_CASES: Readonly<Record<string, RouteCase>> = {
  [`POST ${HOOKS}`]: {
    make: ({ mark }) => ({
      path: HOOKS,
      body: { url: `https://${mark}.velahook-example.com/`, events: ['*'] },
    }),
    toOthers: 'their own',
    audit: 'subscription.created',
  },
  [`GET ${HOOKS}`]: {
    make: async (owner) => ({ path: `${HOOKS}?search=${(await subscribe(owner)) && owner.mark}` }),
    toOthers: 'their own',
  },
  [`GET ${HOOKS}/{id}`]: {
    make: async (owner) => ({ path: `${HOOKS}/${await subscribe(owner)}` }),
    toOthers: 'unknown',
  },
  [`PATCH ${HOOKS}/{id}`]: {
    make: async (owner) => ({ path: `${HOOKS}/${await subscribe(owner)}`, body: { timeoutMs: 5_000 } }),
    toOthers: 'unknown',
    audit: 'subscription.changed',
  },
  [`DELETE ${HOOKS}/{id}`]: {
    make: async (owner) => ({ path: `${HOOKS}/${await subscribe(owner)}` }),
    toOthers: 'unknown',
    audit: 'subscription.deleted',
  },
  [`POST ${HOOKS}/{id}/test`]: {
    make: async (owner) => ({ path: `${HOOKS}/${await subscribe(owner)}/test`, body: {} }),
    toOthers: 'unknown',
    audit: 'subscription.tested',
  },
  [`GET ${HOOKS}/{id}/stats`]: {
    make: async (owner) => ({ path: `${HOOKS}/${await subscribe(owner)}/stats` }),
    toOthers: 'unknown',
  },
  [`GET ${HOOKS}/{id}/missed`]: {
    make: async (owner) => ({ path: `${HOOKS}/${await subscribe(owner)}/missed` }),
    toOthers: 'unknown',
  },
  'GET /stats': { make: () => ({ path: '/stats?window=1h' }), toOthers: 'their own' },
  [`GET ${HOOKS}/{id}/deliveries`]: {
    make: async (owner) => ({ path: `${HOOKS}/${(await deliver(owner)).subscriptionId}/deliveries` }),
    toOthers: 'unknown',
  },
  [`POST ${HOOKS}/{id}/secret/rotate`]: {
    make: async (owner) => ({ path: `${HOOKS}/${await subscribe(owner)}/secret/rotate`, body: {} }),
    toOthers: 'unknown',
    audit: 'subscription.secret_rotated',
  },
  [`POST ${HOOKS}/{id}/secret/rotate/finish`]: {
    make: async (owner) => {
      const path = `${HOOKS}/${await subscribe(owner)}/secret/rotate`;
      await owner.api.ok('POST', path, {});
      return { path: `${path}/finish` };
    },
    toOthers: 'unknown',
    audit: 'subscription.secret_rotation_finished',
  },
  [`GET ${HOOKS}/{id}/secret`]: {
    make: async (owner) => ({ path: `${HOOKS}/${await subscribe(owner)}/secret` }),
    toOthers: 'unknown',
    audit: 'subscription.secret_revealed',
  },
  [`POST ${HOOKS}/{id}/replay`]: {
    make: async (owner) => ({
      path: `${HOOKS}/${(await deliver(owner)).subscriptionId}/replay`,
      body: { since: '2026-01-01T00:00:00.000Z' },
    }),
    toOthers: 'unknown',
    audit: 'replay.started',
  },
  [`POST ${HOOKS}/filter-test`]: {
    make: async (owner) => {
      await publish(owner);
      return { path: `${HOOKS}/filter-test`, body: { filter: { of: owner.mark } } };
    },
    toOthers: 'their own',
    audit: { none: 'it changes nothing' },
  },
  'GET /replays': {
    make: async (owner) => ({ path: `/replays?limit=${(await startReplay(owner)) && 100}` }),
    toOthers: 'their own',
  },
  'GET /replays/{id}': {
    make: async (owner) => ({ path: `/replays/${await startReplay(owner)}` }),
    toOthers: 'unknown',
  },
  'POST /replays/{id}/cancel': {
    make: async (owner) => ({ path: `/replays/${await startReplay(owner)}/cancel` }),
    toOthers: 'unknown',
    audit: 'replay.cancelled',
  },
  'POST /erasures': {
    make: ({ mark }) => ({ path: '/erasures', body: { path: '$.of', value: mark } }),
    toOthers: 'their own',
    audit: 'erasure.started',
  },
  'GET /erasures': {
    make: async (owner) => ({ path: `/erasures?limit=${(await startErasure(owner)) && 100}` }),
    toOthers: 'their own',
  },
  'GET /erasures/{id}': {
    make: async (owner) => ({ path: `/erasures/${await startErasure(owner)}` }),
    toOthers: 'unknown',
  },
  'POST /erasures/{id}/cancel': {
    make: async (owner) => ({ path: `/erasures/${await startErasure(owner)}/cancel` }),
    toOthers: 'unknown',
    audit: 'erasure.cancelled',
  },
  'POST /events/{id}/replay': {
    make: async (owner) => ({ path: `/events/${(await deliver(owner)).eventId}/replay`, body: {} }),
    toOthers: 'unknown',
    audit: 'event.replayed',
  },
  'POST /deliveries/{id}/replay': {
    make: async (owner) => ({ path: `/deliveries/${(await deliver(owner)).deliveryId}/replay` }),
    toOthers: 'unknown',
    audit: 'delivery.replayed',
  },
  'POST /deliveries/{id}/cancel': {
    make: async (owner) => ({ path: `/deliveries/${(await deliver(owner)).deliveryId}/cancel` }),
    toOthers: 'unknown',
    audit: 'delivery.cancelled',
  },
  'POST /events': {
    make: ({ mark }) => ({ path: '/events', body: { eventType: 'customer.created', data: { of: mark } } }),
    toOthers: 'their own',
    audit: { none: 'an event is its own record' },
  },
  'POST /events/batch': {
    make: ({ mark }) => ({
      path: '/events/batch',
      body: { events: [{ eventType: 'customer.created', data: { of: mark } }] },
    }),
    toOthers: 'their own',
    audit: { none: 'an event is its own record' },
  },
  'GET /events': {
    make: async (owner) => ({ path: `/events?limit=${(await publish(owner)) && 100}` }),
    toOthers: 'their own',
  },
  'GET /events/{id}': {
    make: async (owner) => ({ path: `/events/${(await deliver(owner)).eventId}` }),
    toOthers: 'unknown',
  },
  'GET /deliveries': {
    make: async (owner) => {
      const { subscriptionId, eventId } = await deliver(owner);
      return { path: `/deliveries?subscriptionId=${subscriptionId}&eventId=${eventId}` };
    },
    toOthers: 'their own',
  },
  'GET /deliveries/{id}': {
    make: async (owner) => ({ path: `/deliveries/${(await deliver(owner)).deliveryId}` }),
    toOthers: 'unknown',
  },
  'POST /event-types': {
    make: ({ mark }) => ({ path: '/event-types', body: { name: `made.${mark}` } }),
    toOthers: 'their own',
    audit: 'event_type.created',
  },
  'GET /event-types/settings': { make: () => ({ path: '/event-types/settings' }), toOthers: 'their own' },
  'PATCH /event-types/settings': {
    make: () => ({ path: '/event-types/settings', body: { validation: 'off' } }),
    toOthers: 'their own',
    audit: 'event_type.changed',
  },
  'PATCH /event-types/{name}': {
    make: async (owner) => ({
      path: `/event-types/${await makeEventType(owner)}`,
      body: { description: `of ${owner.mark}` },
    }),
    toOthers: 'unknown',
    audit: 'event_type.changed',
  },
  'DELETE /event-types/{name}': {
    make: async (owner) => ({ path: `/event-types/${await makeEventType(owner)}` }),
    toOthers: 'unknown',
    audit: 'event_type.deleted',
  },
  'POST /event-types/import': {
    make: ({ mark }) => ({
      path: '/event-types/import',
      body: { openapi: '3.1.0', webhooks: { [`imported.${mark}`]: { post: {} } } },
    }),
    toOthers: 'their own',
    audit: 'event_types.imported',
  },
  'GET /event-types/export': { make: () => ({ path: '/event-types/export' }), toOthers: 'their own' },
  'GET /event-types': { make: () => ({ path: '/event-types' }), toOthers: 'their own' },
  'GET /event-types/{name}': {
    make: () => ({ path: '/event-types/customer.created' }),
    toOthers: 'their own',
  },
  'GET /workspace/settings': { make: () => ({ path: '/workspace/settings' }), toOthers: 'their own' },
  'PATCH /workspace/settings': {
    make: ({ mark }) => ({ path: '/workspace/settings', body: { redactionPaths: [`$.${mark}`] } }),
    toOthers: 'their own',
    audit: 'workspace.changed',
  },
  // That it is opened is the answer; what is in it: stream.test.ts.
  'GET /stream': { make: () => ({ path: '/stream' }), toOthers: 'their own' },
  [`POST ${HOOKS}/check-url`]: {
    make: ({ mark }) => ({ path: `${HOOKS}/check-url`, body: { url: `http://${mark}.local` } }),
    toOthers: 'their own',
    audit: { none: 'it changes nothing' },
  },
  'POST /session': {
    make: ({ api }) => ({ path: '/session', body: { token: api.access.token } }),
    toOthers: "the holder's",
    audit: 'session.started',
  },
  'GET /session': { make: signIn, toOthers: "the holder's" },
  'DELETE /session': {
    make: signIn,
    toOthers: "the holder's",
    audit: { none: 'the browser forgets the cookie, and nothing else happens' },
  },
  'POST /portal/links': {
    make: () => ({ path: '/portal/links', body: { expiresInMinutes: 5 } }),
    toOthers: 'their own',
    audit: 'portal.link_created',
  },
  'POST /portal/exchange': {
    make: async ({ api }) => {
      const { link } = await api.ok<{ link: { url: string } }>('POST', '/portal/links');
      return { path: '/portal/exchange', body: { code: new URL(link.url).hash.slice(1) } };
    },
    toOthers: "the holder's",
    audit: { none: 'the link is what was written down' },
  },
  'GET /audit': {
    make: async (owner) => ({ path: `/audit?targetId=${await subscribe(owner)}` }),
    toOthers: 'their own',
  },
  'POST /workspaces': {
    make: ({ mark }) => ({ path: '/workspaces', body: { name: mark } }),
    toOthers: 'admin only',
    audit: 'workspace.created',
  },
  'GET /workspaces': { make: () => ({ path: '/workspaces' }), toOthers: 'admin only' },
  'GET /workspaces/{id}': {
    make: async (owner) => ({ path: `/workspaces/${await makeWorkspace(owner)}` }),
    toOthers: 'admin only',
  },
  'PATCH /workspaces/{id}': {
    make: async (owner) => ({ path: `/workspaces/${await makeWorkspace(owner)}`, body: { name: 'Other' } }),
    toOthers: 'admin only',
    audit: 'workspace.changed',
  },
  'DELETE /workspaces/{id}': {
    make: async (owner) => ({ path: `/workspaces/${await makeWorkspace(owner)}` }),
    toOthers: 'admin only',
    audit: 'workspace.deleted',
  },
  'POST /tokens': {
    make: ({ api, mark }) => ({
      path: '/tokens',
      body: { workspaceId: api.access.workspaceId, name: mark, scopes: ['events:read'] },
    }),
    toOthers: 'admin only',
    audit: 'token.created',
  },
  'GET /tokens': {
    make: ({ api }) => ({ path: `/tokens?workspaceId=${api.access.workspaceId}` }),
    toOthers: 'admin only',
  },
  'GET /tokens/{id}': {
    make: async (owner) => ({ path: `/tokens/${await makeToken(owner)}` }),
    toOthers: 'admin only',
  },
  'DELETE /tokens/{id}': {
    make: async (owner) => ({ path: `/tokens/${await makeToken(owner)}` }),
    toOthers: 'admin only',
    audit: 'token.revoked',
  },
  'GET /admin/audit': { make: () => ({ path: '/admin/audit' }), toOthers: 'admin only' },
};
