import { Type } from 'typebox';
import { DELIVERY_STATES } from '../../domain/delivery.ts';
import { EVENT_TYPE_CHARS_MAX } from '../../domain/event-type.ts';
import { REPLAYED_AT_ONCE_MAX } from '../../domain/replay.ts';
import { invalid } from '../../domain/errors.ts';
import type { Deliveries } from '../../management/deliveries.ts';
import type { Replays } from '../../management/replays.ts';
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
  success,
} from '../schemas.ts';
import { mistakesIn } from '../validation.ts';
import { cursorQueryOf, Delivery } from './deliveries.ts';
import { SUBSCRIPTIONS_PATH } from './subscriptions.ts';

const ID_CHARS_MAX = 64;
const EVENT_TYPES_MAX = 100;

const Replay = Type.Object({
  _id: Type.String(),
  workspaceId: Type.String(),
  subscriptionId: Type.String(),
  state: oneOf(['running', 'done', 'cancelled']),
  reason: nullable(
    oneOf(['requested', 'subscription_inactive', 'subscription_deleted'], {
      description: 'Why it was cancelled',
    }),
  ),
  since: Instant,
  until: Instant,
  eventTypes: Type.Unsafe<readonly string[] | null>({ type: ['array', 'null'], items: { type: 'string' } }),
  states: Type.Array(oneOf(DELIVERY_STATES)),
  count: Type.Integer({ description: 'Deliveries selected, as far as has been counted' }),
  counted: Type.Boolean({ description: 'All has been counted' }),
  progress: Type.Object({
    made: Type.Integer(),
    pending: Type.Integer(),
    succeeded: Type.Integer(),
    failed: Type.Integer(),
    cancelled: Type.Integer(),
    erased: Type.Integer({
      description: 'Events selected whose payload was erased: nothing is made of them',
    }),
  }),
  createdAt: Instant,
  updatedAt: Instant,
  finishedAt: nullable(Instant),
});

const StartBody = Type.Object(
  {
    since: Type.String({ format: 'date-time', description: 'First delivered at or after' }),
    until: Type.Optional(Type.String({ format: 'date-time', description: 'Before; default: now' })),
    eventTypes: Type.Optional(
      Type.Array(Type.String({ maxLength: EVENT_TYPE_CHARS_MAX }), {
        minItems: 1,
        maxItems: EVENT_TYPES_MAX,
      }),
    ),
    states: Type.Optional(
      Type.Array(oneOf(DELIVERY_STATES), {
        minItems: 1,
        maxItems: DELIVERY_STATES.length,
        description: 'Of the latest delivery of each event; default: all but succeeded',
      }),
    ),
  },
  CLOSED,
);

const EventBody = Type.Object(
  {
    subscriptionIds: Type.Optional(
      Type.Array(Type.String({ maxLength: ID_CHARS_MAX }), {
        minItems: 1,
        maxItems: REPLAYED_AT_ONCE_MAX,
        description: 'Default: the active ones that match the event now',
      }),
    ),
  },
  CLOSED,
);

const RUNNING = 'It is stored, and goes on whatever becomes of this node';

/** Delivering again what one event or one delivery was, and stopping a delivery. */
export function addRedeliveryRoutes(api: Api, deliveries: Deliveries): void {
  api.post(
    '/events/:id/replay',
    {
      config: { scope: 'deliveries:write', rate: 'write' },
      attachValidation: true,
      schema: {
        operationId: 'replayEvent',
        tags: ['events'],
        summary: 'Deliver a stored event again, to all or some of its subscriptions',
        params: IdParams,
        body: EventBody,
        response: {
          202: success(
            Type.Object({ deliveries: Type.Array(Delivery) }),
            'New deliveries, on disk; they will be attempted',
          ),
          ...FAILURES,
        },
      },
    },
    async (request, reply) => {
      const { workspaceId, params } = request;
      // No body at all is allowed: the schema's complaint about that is none.
      const body = (request.body as typeof request.body | undefined) ?? {};
      const mistakes = request.body === undefined ? [] : mistakesIn(request);
      if (mistakes.length > 0) throw invalid(mistakes);
      const made = await deliveries.replayEvent(
        callerOf(request),
        workspaceId,
        params.id,
        body.subscriptionIds,
      );
      return reply.code(202).send(ok({ deliveries: made }));
    },
  );

  api.post(
    '/deliveries/:id/replay',
    {
      config: { scope: 'deliveries:write', rate: 'write' },
      schema: {
        operationId: 'replayDelivery',
        tags: ['deliveries'],
        summary: 'Make a delivery again now',
        params: IdParams,
        response: {
          202: success(Type.Object({ delivery: Delivery }), 'A new delivery, on disk; it will be attempted'),
          ...FAILURES,
        },
      },
    },
    async (request, reply) => {
      const { workspaceId, params } = request;
      const delivery = await deliveries.replay(callerOf(request), workspaceId, params.id);
      return reply.code(202).send(ok({ delivery }));
    },
  );

  api.post(
    '/deliveries/:id/cancel',
    {
      config: { scope: 'deliveries:write', rate: 'write' },
      schema: {
        operationId: 'cancelDelivery',
        tags: ['deliveries'],
        summary: 'Stop a pending delivery',
        params: IdParams,
        response: { 200: success(Type.Object({ delivery: Delivery }), 'Cancelled'), ...FAILURES },
      },
    },
    async (request) => {
      const { workspaceId, params } = request;
      return ok({ delivery: await deliveries.cancel(callerOf(request), workspaceId, params.id) });
    },
  );
}

/** Jobs that replay what a subscription has missed. */
export function addReplayRoutes(api: Api, replays: Replays): void {
  const shown = success(Type.Object({ replay: Replay }));
  api.post(
    `${SUBSCRIPTIONS_PATH}/:id/replay`,
    {
      config: { scope: 'deliveries:write', rate: 'write' },
      attachValidation: true,
      schema: {
        operationId: 'startReplay',
        tags: ['replays'],
        summary: 'Deliver again what a subscription missed, as a job',
        params: IdParams,
        body: StartBody,
        response: { 202: success(Type.Object({ replay: Replay }), RUNNING), ...FAILURES },
      },
    },
    async (request, reply) => {
      const { workspaceId, params } = request;
      const draft = (request.body as typeof request.body | undefined) ?? {};
      const replay = await replays.start(
        callerOf(request),
        workspaceId,
        params.id,
        draft,
        mistakesIn(request),
      );
      return reply.code(202).send(ok({ replay }));
    },
  );

  api.get(
    '/replays',
    {
      config: { scope: 'deliveries:read', rate: 'read' },
      schema: {
        operationId: 'listReplays',
        tags: ['replays'],
        summary: 'Jobs that deliver again, newest first',
        querystring: Type.Object(CURSOR_QUERY, CLOSED),
        response: {
          200: success(Type.Object({ items: Type.Array(Replay), pagination: CursorPagination })),
          ...FAILURES,
        },
      },
    },
    async ({ workspaceId, query }) => {
      const { items, nextCursor } = await replays.list(workspaceId, cursorQueryOf(query));
      return ok({ items, pagination: { limit: query.limit, nextCursor } });
    },
  );

  api.get(
    '/replays/:id',
    {
      config: { scope: 'deliveries:read', rate: 'read' },
      schema: {
        operationId: 'getReplay',
        tags: ['replays'],
        summary: 'How far a job is',
        params: IdParams,
        response: { 200: shown, ...FAILURES },
      },
    },
    async ({ workspaceId, params }) => ok({ replay: await replays.get(workspaceId, params.id) }),
  );

  api.post(
    '/replays/:id/cancel',
    {
      config: { scope: 'deliveries:write', rate: 'write' },
      schema: {
        operationId: 'cancelReplay',
        tags: ['replays'],
        summary: 'Stop a job, and what it made that still waits',
        params: IdParams,
        response: { 200: shown, ...FAILURES },
      },
    },
    async (request) => {
      const { workspaceId, params } = request;
      return ok({ replay: await replays.cancel(callerOf(request), workspaceId, params.id) });
    },
  );
}
