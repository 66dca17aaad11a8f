import { Type } from 'typebox';
import type { FastifyRequest } from 'fastify';
import { DELIVERY_STATES } from '../../domain/delivery.ts';
import { Refusal } from '../../domain/errors.ts';
import { EVENT_TYPE_CHARS_MAX } from '../../domain/event-type.ts';
import type { Engine } from '../../engine/engine.ts';
import {
  ENVELOPE_BYTES_MAX,
  readPublishRequest,
  readTestRequest,
} from '../../engine/intake/publish-request.ts';
import type { RulesOf } from '../../management/catalogue/publish-rules.ts';
import type { EventView, History } from '../../management/history.ts';
import type { Subscriptions } from '../../management/subscriptions.ts';
import { takeBytes } from '../json-body.ts';
import { callerOf } from '../caller.ts';
import type { Api } from '../schemas.ts';
import {
  CLOSED,
  CURSOR_QUERY,
  CursorPagination,
  FAILURES,
  IdParams,
  Instant,
  nullable,
  ok,
  oneOf,
  PAGE_LIMIT_DEFAULT,
  success,
} from '../schemas.ts';
import { cursorQueryOf, Delivery } from './deliveries.ts';
import { SUBSCRIPTIONS_PATH } from './subscriptions.ts';

const IDEMPOTENCY_KEY_FORM = /^[\x20-\x7e]{1,255}$/;

const Data = Type.Object(
  {},
  { additionalProperties: true, description: 'A JSON object; kept byte for byte' },
);

/** One event as it is published. */
export const PublishBody = Type.Object(
  {
    eventType: Type.String({ maxLength: EVENT_TYPE_CHARS_MAX, examples: ['crm.lead.created'] }),
    data: Data,
    eventId: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{1,64}$',
        description: 'Publishing it again makes no second event',
      }),
    ),
    timestamp: Type.Optional(
      Type.String({ format: 'date-time', description: 'When it happened; default: now' }),
    ),
    orderingKey: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  },
  CLOSED,
);

/** For the documentation, as the bodies are: {@link idempotencyKeyOf} checks it. */
const PublishHeaders = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'Printable ASCII; publishing with it again makes no second event',
    }),
  ),
});

const TestBody = Type.Object(
  { eventType: Type.Optional(PublishBody.properties.eventType), data: Type.Optional(Data) },
  CLOSED,
);

const header = {
  eventId: Type.String(),
  eventType: Type.String(),
  timestamp: Instant,
  workspaceId: Type.String(),
  orderingKey: nullable(Type.String()),
};

/** One event as the answer to its publishing shows it. */
export const Published = Type.Object({
  ...header,
  deliveries: Type.Integer({ description: 'How many deliveries were made of it' }),
  duplicate: Type.Boolean({ description: 'It was stored before; this answer is about that one' }),
  warnings: Type.Array(Type.String()),
});

const shown = {
  ...header,
  origin: oneOf(['published', 'test', 'operational']),
  createdAt: Instant,
  dataBytes: Type.Integer(),
  erasedAt: nullable(Instant),
  deliveryCount: Type.Integer(),
  states: Type.Object({
    pending: Type.Integer(),
    succeeded: Type.Integer(),
    failed: Type.Integer(),
    cancelled: Type.Integer(),
    skipped: Type.Integer(),
  }),
  filteredOut: Type.Object(
    { count: Type.Integer(), subscriptionIds: Type.Array(Type.String()) },
    { description: 'Whom filters kept it from: how many, and the first of them' },
  ),
  summary: Type.String({ description: 'What became of it, in a sentence' }),
};

const Event = Type.Object(shown);
const EventWithData = Type.Object({ ...shown, data: Data });

const ListQuery = Type.Object(
  {
    ...CURSOR_QUERY,
    eventType: Type.Optional(Type.String({ maxLength: EVENT_TYPE_CHARS_MAX })),
    state: Type.Optional(
      oneOf(DELIVERY_STATES, {
        description: 'With at least one delivery in this state; pending includes delivering',
      }),
    ),
  },
  CLOSED,
);

export interface EventRoutesDeps {
  engine: Pick<Engine, 'publish'>;
  history: History;
  subscriptions: Subscriptions;
  rules: RulesOf;
  dataBytesMax: number;
}

/** Reading events. */
export function addEventRoutes(api: Api, history: History): void {
  api.get(
    '/events',
    {
      config: { scope: 'events:read', rate: 'read' },
      schema: {
        operationId: 'listEvents',
        summary: 'List events',
        tags: ['events'],
        querystring: ListQuery,
        response: {
          200: success(Type.Object({ items: Type.Array(Event), pagination: CursorPagination })),
          ...FAILURES,
        },
      },
    },
    async ({ workspaceId, query }) => {
      const { eventType, state } = query;
      const page = await history.listEvents(workspaceId, {
        ...cursorQueryOf(query),
        ...(eventType !== undefined && { eventType }),
        ...(state !== undefined && { state }),
      });
      return ok({ items: page.items, pagination: { limit: query.limit, nextCursor: page.nextCursor } });
    },
  );

  api.get(
    '/events/:id',
    {
      config: { scope: 'events:read', rate: 'read' },
      schema: {
        operationId: 'getEvent',
        summary: 'Get an event, with its deliveries',
        tags: ['events'],
        params: IdParams,
        response: {
          200: success(
            Type.Object({
              event: EventWithData,
              deliveries: Type.Object({ items: Type.Array(Delivery), pagination: CursorPagination }),
            }),
          ),
          ...FAILURES,
        },
      },
    },
    async (request, reply) => {
      const { workspaceId, params } = request;
      const { event, data, deliveries } = await history.getEvent(workspaceId, params.id, PAGE_LIMIT_DEFAULT);
      const { items, nextCursor } = deliveries;
      const list = { items, pagination: { limit: PAGE_LIMIT_DEFAULT, nextCursor } };
      reply.type('application/json; charset=utf-8').serializer(() => spliceEvent(event, data, list));
      return ok({ event: { ...event, data: {} }, deliveries: list });
    },
  );
}

/** Publishing, and test events: their bodies are read as bytes, so that `data` stays what it was. */
export function addPublishRoutes(api: Api, deps: EventRoutesDeps): void {
  takeBytes(api);
  // The handlers check the bodies; the schemas are for the documentation.
  api.setValidatorCompiler(() => () => true);
  const bodyLimit = deps.dataBytesMax + ENVELOPE_BYTES_MAX;

  api.post(
    '/events',
    {
      config: { scope: 'events:write', rate: 'publish' },
      bodyLimit,
      schema: {
        operationId: 'publishEvent',
        summary: 'Publish an event',
        tags: ['events'],
        headers: PublishHeaders,
        body: PublishBody,
        response: {
          202: success(Type.Object({ event: Published }), 'On disk; it will be delivered'),
          ...FAILURES,
        },
      },
    },
    async (request, reply) => {
      const idempotencyKey = idempotencyKeyOf(request);
      const found = deps.rules(request.workspaceId);
      // Nearly always in memory: then not one promise.
      const rules = found instanceof Promise ? await found : found;
      const { warnings, ...event } = readPublishRequest(bytesOf(request), rules);
      const published = await deps.engine.publish({
        ...event,
        workspaceId: request.workspaceId,
        origin: 'published',
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      });
      return reply.code(202).send(ok({ event: { ...published, warnings } }));
    },
  );

  api.post(
    `${SUBSCRIPTIONS_PATH}/:id/test`,
    {
      config: { scope: 'integrations:write', rate: 'write' },
      bodyLimit,
      schema: {
        operationId: 'testSubscription',
        summary: 'Send a test event to a subscription',
        tags: ['subscriptions'],
        params: IdParams,
        body: TestBody,
        response: {
          202: success(
            Type.Object({ delivery: Delivery, warnings: Type.Array(Type.String()) }),
            'On disk; it will be delivered',
          ),
          ...FAILURES,
        },
      },
    },
    async (request, reply) => {
      const { workspaceId, params } = request;
      const { warnings, ...test } = readTestRequest(bytesOf(request), await deps.rules(workspaceId));
      const deliveryId = await deps.subscriptions.sendTest(callerOf(request), workspaceId, params.id, test);
      const { attempts: _attempts, ...delivery } = await deps.history.getDelivery(workspaceId, deliveryId);
      return reply.code(202).send(ok({ delivery, warnings }));
    },
  );
}

/** {@link takeBytes} makes every body bytes; none at all is undefined. */
export function bytesOf(request: { body: unknown }): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
}

function idempotencyKeyOf(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && IDEMPOTENCY_KEY_FORM.test(key)) return key;
  throw new Refusal('BAD_REQUEST', 'Idempotency-Key must be 1 to 255 printable ASCII characters.');
}

/** Puts the bytes of `data` into the answer as they are: reading and writing them would change big numbers. */
function spliceEvent(event: EventView, data: Uint8Array, deliveries: object): string {
  const opened = JSON.stringify(event).slice(0, -1);
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
  return `{"success":true,"data":{"event":${opened},"data":${text}},"deliveries":${JSON.stringify(deliveries)}}}`;
}
