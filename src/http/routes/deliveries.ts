import { Type } from 'typebox';
import { ATTEMPT_OUTCOMES } from '../../domain/attempt.ts';
import { DELIVERY_STATES, SHOWN_DELIVERY_STATES } from '../../domain/delivery.ts';
import { EVENT_TYPE_CHARS_MAX } from '../../domain/event-type.ts';
import { parseTimestamp } from '../../domain/timestamp.ts';
import type { History } from '../../management/history.ts';
import type { Subscriptions } from '../../management/subscriptions.ts';
import type { CursorQuery, DeliveryQuery } from '../../store/contract/history.ts';
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
import { SUBSCRIPTIONS_PATH } from './subscriptions.ts';

const ID_CHARS_MAX = 64;

const shown = {
  _id: Type.String(),
  workspaceId: Type.String(),
  subscriptionId: Type.String(),
  url: Type.String({ description: 'Of the subscription, now' }),
  subscriptionStatus: oneOf(['active', 'inactive', 'deactivated', 'deleted']),
  eventId: Type.String(),
  eventType: Type.String(),
  state: oneOf(SHOWN_DELIVERY_STATES),
  failureReason: nullable(
    oneOf(['exhausted', 'gone', 'crashed_nodes', 'erased'], {
      description: 'Why it failed; erased: it was cancelled because the payload of its event was erased',
    }),
  ),
  attemptCount: Type.Integer(),
  createdAt: Instant,
  nextAttemptAt: nullable(Instant),
  firstAttemptAt: nullable(Instant),
  finishedAt: nullable(Instant),
  lastOutcome: nullable(oneOf(ATTEMPT_OUTCOMES)),
  lastStatusCode: nullable(Type.Integer()),
  lastError: nullable(Type.String()),
  replayOf: nullable(Type.String({ description: 'The delivery that this one replays' })),
  replayId: nullable(Type.String({ description: 'The replay that made it, if one did' })),
};

/** A delivery as answers show it. */
export const Delivery = Type.Object(shown);

const HeaderFields = Type.Array(Type.Object({ name: Type.String(), value: Type.String() }));

const Request = Type.Object(
  {
    sent: Type.Boolean({ description: 'Whether any of it was written: without a connection nothing was' }),
    method: Type.Literal('POST'),
    url: Type.String({ description: 'Of the subscription at that time' }),
    headers: HeaderFields,
  },
  {
    description:
      'As it was sent; its body is that of the event. Signatures and values of own headers are elided, Host, Connection and Content-Length left out, and User-Agent is the one configured now',
  },
);

const phase = (description: string) => nullable(Type.Integer({ description }));

const Timing = Type.Object(
  {
    dnsMs: phase('Looking up the name'),
    connectMs: phase('TCP'),
    tlsMs: phase('The TLS handshake'),
    waitMs: phase('From writing the request to the response head'),
    connectionReused: Type.Boolean({
      description:
        'It went over the connection of an earlier attempt: there was nothing to look up or connect',
    }),
  },
  { description: 'Where its time went; null for what was not begun' },
);

const Attempt = Type.Object({
  _id: Type.String(),
  number: Type.Integer(),
  startedAt: Instant,
  durationMs: Type.Number(),
  outcome: oneOf(ATTEMPT_OUTCOMES),
  statusCode: nullable(Type.Integer()),
  error: nullable(Type.String()),
  advice: nullable(Type.String({ description: 'What to do about it, in a sentence; null after a success' })),
  request: nullable(Request),
  responseHeaders: nullable({
    ...HeaderFields,
    description:
      'At most 32 fields and 4 KiB, values as they came but for cookies and what cannot be seen; of a success only content-type',
  }),
  responseHeadersLeftOut: Type.Integer({ description: 'How many fields of the response are not kept' }),
  responseBody: nullable(
    Type.String({ description: 'Its first bytes, as text: never to be taken for markup' }),
  ),
  responseTruncated: Type.Boolean(),
  timing: nullable(Timing),
  remoteAddress: nullable(Type.String({ description: 'What it was connected to, or tried last' })),
});

const DeliveryWithAttempts = Type.Object({ ...shown, attempts: Type.Array(Attempt) });

const filters = {
  ...CURSOR_QUERY,
  eventId: Type.Optional(Type.String({ maxLength: ID_CHARS_MAX })),
  eventType: Type.Optional(Type.String({ maxLength: EVENT_TYPE_CHARS_MAX })),
  state: Type.Optional(
    oneOf(DELIVERY_STATES, { description: 'pending includes what is shown as delivering' }),
  ),
  statusCode: Type.Optional(
    Type.Integer({ minimum: 100, maximum: 999, description: 'The status code of the last attempt' }),
  ),
};

const ListQuery = Type.Object(
  { ...filters, subscriptionId: Type.Optional(Type.String({ maxLength: ID_CHARS_MAX })) },
  CLOSED,
);

const list = {
  200: success(Type.Object({ items: Type.Array(Delivery), pagination: CursorPagination })),
  ...FAILURES,
};

/** Deliveries: all, one subscription's, one with its attempts. */
export function addDeliveryRoutes(api: Api, history: History, subscriptions: Subscriptions): void {
  api.get(
    '/deliveries',
    {
      config: { scope: 'deliveries:read', rate: 'read' },
      schema: {
        operationId: 'listDeliveries',
        summary: 'List deliveries',
        tags: ['deliveries'],
        querystring: ListQuery,
        response: list,
      },
    },
    async ({ workspaceId, query }) => {
      const page = await history.listDeliveries(workspaceId, deliveryQueryOf(query));
      return ok({ items: page.items, pagination: { limit: query.limit, nextCursor: page.nextCursor } });
    },
  );

  api.get(
    '/deliveries/:id',
    {
      config: { scope: 'deliveries:read', rate: 'read' },
      schema: {
        operationId: 'getDelivery',
        summary: 'Get a delivery, with its attempts',
        tags: ['deliveries'],
        params: IdParams,
        response: { 200: success(Type.Object({ delivery: DeliveryWithAttempts })), ...FAILURES },
      },
    },
    async ({ workspaceId, params }) => ok({ delivery: await history.getDelivery(workspaceId, params.id) }),
  );

  api.get(
    `${SUBSCRIPTIONS_PATH}/:id/deliveries`,
    {
      config: { scope: 'deliveries:read', rate: 'read' },
      schema: {
        operationId: 'listSubscriptionDeliveries',
        summary: "List a subscription's deliveries",
        tags: ['subscriptions'],
        params: IdParams,
        querystring: Type.Object(filters, CLOSED),
        response: list,
      },
    },
    async ({ workspaceId, params, query }) => {
      const { _id } = await subscriptions.get(workspaceId, params.id);
      const page = await history.listDeliveries(
        workspaceId,
        deliveryQueryOf({ ...query, subscriptionId: _id }),
      );
      return ok({ items: page.items, pagination: { limit: query.limit, nextCursor: page.nextCursor } });
    },
  );
}

/** The part of a query that every list by cursor has; the schema has checked the timestamps. */
export function cursorQueryOf(query: {
  cursor?: string;
  limit: number;
  since?: string;
  until?: string;
}): CursorQuery {
  const since = query.since === undefined ? undefined : parseTimestamp(query.since);
  const until = query.until === undefined ? undefined : parseTimestamp(query.until);
  return {
    limit: query.limit,
    ...(query.cursor !== undefined && { cursor: query.cursor }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

type Filters = Omit<DeliveryQuery, 'since' | 'until'> & { since?: string; until?: string };

function deliveryQueryOf(query: Filters): DeliveryQuery {
  const { cursor: _cursor, limit: _limit, since: _since, until: _until, ...others } = query;
  return { ...others, ...cursorQueryOf(query) };
}
