import { Type } from 'typebox';
import {
  DESCRIPTION_CHARS_MAX,
  EVENTS_PER_SUBSCRIPTION_MAX,
  RATE_LIMIT_MAX,
  SECRET_CHARS_MAX,
  TIMEOUT_MS_DEFAULT,
  TIMEOUT_MS_MAX,
  TIMEOUT_MS_MIN,
  URL_CHARS_MAX,
} from '../../domain/subscription.ts';
import { EVENT_TYPE_CHARS_MAX } from '../../domain/event-type.ts';
import type { SubscriptionHealths } from '../../management/subscription-health.ts';
import { HEALTH_BACKLOG_COUNTED_MAX } from '../../management/subscription-health.ts';
import type { Subscriptions } from '../../management/subscriptions.ts';
import { callerOf } from '../caller.ts';
import type { Api } from '../schemas.ts';
import {
  CLOSED,
  FAILURES,
  IdParams,
  Instant,
  nullable,
  ok,
  oneOf,
  PAGE_QUERY,
  PagePagination,
  paginationOf,
  SEARCH_CHARS_MAX,
  success,
} from '../schemas.ts';
import { mistakesIn } from '../validation.ts';

export const SUBSCRIPTIONS_PATH = '/integrations/webhooks';

const Filter = Type.Unsafe<Record<string, unknown> | null>({
  type: ['object', 'null'],
  additionalProperties: true,
  description: 'Conditions on data; an event that does not match makes no delivery',
});

export const fields = {
  url: Type.String({
    maxLength: URL_CHARS_MAX,
    description: 'Where to deliver: https, a public host',
    examples: ['https://hooks.example.com/velahook'],
  }),
  events: Type.Array(
    Type.String({ maxLength: EVENT_TYPE_CHARS_MAX, examples: ['crm.lead.created', 'inbox.*'] }),
    {
      minItems: 1,
      maxItems: EVENTS_PER_SUBSCRIPTION_MAX,
      description: 'Event types, or patterns: *, crm.*, crm.lead.*',
    },
  ),
  secret: Type.String({
    minLength: 1,
    maxLength: SECRET_CHARS_MAX,
    pattern: '^[\\x20-\\x7e]*$',
    description: 'The signing secret; without one a key is generated and shown once',
  }),
  active: Type.Boolean({ default: true }),
  description: nullable(Type.String({ maxLength: DESCRIPTION_CHARS_MAX })),
  timeoutMs: Type.Integer({ minimum: TIMEOUT_MS_MIN, maximum: TIMEOUT_MS_MAX, default: TIMEOUT_MS_DEFAULT }),
  rateLimit: nullable(
    Type.Integer({
      minimum: 1,
      maximum: RATE_LIMIT_MAX,
      description: 'Attempts per second at most; null: as many as the receiver takes',
    }),
  ),
  ordered: Type.Boolean({
    default: false,
    description:
      'One at a time in the order of publishing, of each orderingKey, or of all events that have none',
  }),
  ed25519: Type.Boolean({ default: false, description: 'Sign by v1a as well; publicKey verifies it' }),
  headers: Type.Unsafe<Record<string, string> | null>({
    type: ['object', 'null'],
    additionalProperties: { type: 'string' },
    description: 'Extra headers of every request. Shown masked; a masked value that is stored stays',
  }),
  filter: Filter,
};

const CreateBody = Type.Object(
  {
    url: fields.url,
    events: fields.events,
    secret: Type.Optional(fields.secret),
    active: Type.Optional(fields.active),
    description: Type.Optional(fields.description),
    timeoutMs: Type.Optional(fields.timeoutMs),
    rateLimit: Type.Optional(fields.rateLimit),
    ordered: Type.Optional(fields.ordered),
    ed25519: Type.Optional(fields.ed25519),
    headers: Type.Optional(fields.headers),
    filter: Type.Optional(fields.filter),
  },
  CLOSED,
);

const ChangeBody = Type.Partial(CreateBody, CLOSED);

const shown = {
  _id: Type.String(),
  workspaceId: Type.String(),
  url: Type.String(),
  events: Type.Array(Type.String()),
  active: Type.Boolean(),
  status: oneOf(['active', 'inactive', 'deactivated']),
  description: nullable(Type.String()),
  timeoutMs: Type.Integer(),
  rateLimit: nullable(Type.Integer({ description: 'Attempts per second at most' })),
  ordered: Type.Boolean(),
  hasSecret: Type.Boolean({ description: 'A secret was given; otherwise a generated one signs' }),
  secretHint: Type.String({ description: 'Its last characters' }),
  rotationEndsAt: nullable(
    Type.String({ format: 'date-time', description: 'Until then the old secret signs too' }),
  ),
  ed25519: Type.Boolean(),
  publicKey: nullable(Type.String({ description: 'Verifies v1a signatures: whpk_ and base64' })),
  previousPublicKey: nullable(Type.String({ description: 'The one from before a rotation that runs' })),
  headers: Type.Record(Type.String(), Type.String(), { description: 'Names, and a mask for each value' }),
  filter: Filter,
  createdAt: Instant,
  updatedAt: Instant,
  deactivatedAt: nullable(Instant),
  deactivationReason: nullable(oneOf(['gone', 'failing'])),
  warnings: Type.Array(Type.String()),
};

export const Shown = Type.Object(shown);
const Created = Type.Object({
  ...shown,
  secret: Type.Optional(Type.String({ description: 'The generated key: shown in this answer only' })),
});

const ListQuery = Type.Object(
  {
    ...PAGE_QUERY,
    search: Type.Optional(
      Type.String({ maxLength: SEARCH_CHARS_MAX, description: 'Part of the URL or description' }),
    ),
    sortBy: oneOf(['createdAt', 'updatedAt', 'url'], { default: 'createdAt' }),
    active: Type.Optional(Type.Boolean()),
    eventType: Type.Optional(
      Type.String({ maxLength: EVENT_TYPE_CHARS_MAX, description: 'An entry of events, as it stands there' }),
    ),
    url: Type.Optional(Type.String({ maxLength: URL_CHARS_MAX })),
    include: Type.Optional(oneOf(['health'], { description: 'Tell of each how it fares as well' })),
  },
  CLOSED,
);

const Health = Type.Object(
  {
    successRate: nullable(
      Type.Number({ description: 'Of deliveries that ended in the last 24 hours; null where none did' }),
    ),
    series: Type.Array(Type.Object({ at: Instant, succeeded: Type.Integer(), failed: Type.Integer() }), {
      description: 'The same 24 hours, hour by hour',
    }),
    backlog: Type.Object({
      pending: Type.Integer({ description: `At most ${HEALTH_BACKLOG_COUNTED_MAX} are counted` }),
      isMore: Type.Boolean(),
    }),
  },
  { description: 'With include=health' },
);
const Listed = Type.Object({ ...shown, health: Type.Optional(Health) });

/** Subscriptions: create, list, read, change, delete. */
export function addSubscriptionRoutes(
  api: Api,
  subscriptions: Subscriptions,
  healths: SubscriptionHealths,
): void {
  api.post(
    SUBSCRIPTIONS_PATH,
    {
      config: { scope: 'integrations:write', rate: 'write' },
      attachValidation: true,
      schema: {
        operationId: 'createSubscription',
        summary: 'Create a subscription',
        tags: ['subscriptions'],
        body: CreateBody,
        response: { 201: success(Type.Object({ subscription: Created }), 'Created'), ...FAILURES },
      },
    },
    async (request, reply) => {
      const subscription = await subscriptions.create(
        callerOf(request),
        request.workspaceId,
        draftOf(request.body),
        mistakesIn(request),
      );
      return reply.code(201).send(ok({ subscription }));
    },
  );

  api.get(
    SUBSCRIPTIONS_PATH,
    {
      config: { scope: 'integrations:read', rate: 'read' },
      schema: {
        operationId: 'listSubscriptions',
        summary: 'List subscriptions',
        tags: ['subscriptions'],
        querystring: ListQuery,
        response: {
          200: success(Type.Object({ items: Type.Array(Listed), pagination: PagePagination })),
          ...FAILURES,
        },
      },
    },
    async (request) => {
      const { workspaceId, query } = request;
      const { include, ...asked } = query;
      const { items, total } = await subscriptions.list(workspaceId, asked);
      const shown = include === 'health' ? await healths.addTo(workspaceId, items) : items;
      return ok({ items: shown, pagination: paginationOf(query, total) });
    },
  );

  addSingleSubscriptionRoutes(api, subscriptions);
}

function addSingleSubscriptionRoutes(api: Api, subscriptions: Subscriptions): void {
  const path = `${SUBSCRIPTIONS_PATH}/:id`;
  const response = { 200: success(Type.Object({ subscription: Shown })), ...FAILURES };
  api.get(
    path,
    {
      config: { scope: 'integrations:read', rate: 'read' },
      schema: {
        operationId: 'getSubscription',
        summary: 'Get a subscription',
        tags: ['subscriptions'],
        params: IdParams,
        response,
      },
    },
    async (request) => ok({ subscription: await subscriptions.get(request.workspaceId, request.params.id) }),
  );

  api.patch(
    path,
    {
      config: { scope: 'integrations:write', rate: 'write' },
      attachValidation: true,
      schema: {
        operationId: 'changeSubscription',
        summary: 'Change a subscription',
        tags: ['subscriptions'],
        params: IdParams,
        body: ChangeBody,
        response,
      },
    },
    async (request) => {
      const { workspaceId, params, body } = request;
      const subscription = await subscriptions.change(
        callerOf(request),
        workspaceId,
        params.id,
        draftOf(body),
        mistakesIn(request),
      );
      return ok({ subscription });
    },
  );

  api.delete(
    path,
    {
      config: { scope: 'integrations:write', rate: 'delete' },
      schema: {
        operationId: 'deleteSubscription',
        summary: 'Delete a subscription',
        tags: ['subscriptions'],
        params: IdParams,
        response: {
          200: success(Type.Object({ deleted: Type.Literal(true), _id: Type.String() }), 'Deleted'),
          ...FAILURES,
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      await subscriptions.delete(callerOf(request), request.workspaceId, id);
      return ok({ deleted: true as const, _id: id });
    },
  );
}

/** With `attachValidation` the body is what was sent, whatever its type says: no body at all, for one. */
function draftOf<T extends object>(body: T): T | Record<string, never> {
  return (body as T | undefined) ?? {};
}
