import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Refusal } from '../../domain/errors.ts';
import { EVENT_TYPE_CHARS_MAX, isEventType, isPattern } from '../../domain/event-type.ts';
import { ID_FORM } from '../../domain/ids.ts';
import type { Scope } from '../../domain/token.ts';
import type { LiveStreams } from '../../management/live-streams.ts';
import type { StreamFilter } from '../../management/stream-listener.ts';
import type { Doors } from '../auth.ts';
import { stillAuthorized } from '../auth.ts';
import { EventStream } from '../event-stream.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FAILURES } from '../schemas.ts';

/** What each kind tells of, and so what a token must be allowed to read. */
const SCOPE_OF = {
  event: 'events:read',
  erasure: 'events:read',
  attempt: 'deliveries:read',
  delivery: 'deliveries:read',
  subscription: 'integrations:read',
} as const satisfies Record<string, Scope>;
type Kind = keyof typeof SCOPE_OF;

/** Each is compared with every item. */
const EVENT_TYPES_MAX = 20;
const ITEM_NUMBER_FORM = /^\d{1,16}$/;

const Query = Type.Object(
  {
    kinds: Type.Optional(
      Type.String({
        maxLength: 100,
        description:
          'Of event, erasure, attempt, delivery, subscription; default: all that the token may read',
        examples: ['event,attempt'],
      }),
    ),
    eventTypes: Type.Optional(
      Type.String({
        maxLength: EVENT_TYPES_MAX * (EVENT_TYPE_CHARS_MAX + 1),
        description: 'Event types and patterns; what is of no event type is left out then',
        examples: ['crm.*,inbox.message.received'],
      }),
    ),
    subscriptionId: Type.Optional(Type.String({ pattern: ID_FORM.source })),
  },
  CLOSED,
);

const Headers = Type.Object({
  'Last-Event-ID': Type.Optional(
    Type.String({ description: 'The id of the last message seen: the stream goes on behind it' }),
  ),
});

/** The live stream of what happens in the workspace. */
export function addStreamRoute(api: Api, streams: LiveStreams, doors: Doors): void {
  api.get(
    '/stream',
    {
      config: { scope: 'events:read', rate: 'read' },
      // Its answer does not end.
      exposeHeadRoute: false,
      schema: {
        operationId: 'openStream',
        summary: 'Watch what happens, as it happens',
        tags: ['stream'],
        headers: Headers,
        querystring: Query,
        response: {
          200: {
            description: 'Server-sent events, until one side ends it',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
          ...FAILURES,
        },
      },
    },
    async (request, reply) => {
      const { workspaceId, query } = request;
      const kinds = kindsOf(query.kinds, request.access?.scopes ?? []);
      const filter = {
        kinds,
        eventTypes: eventTypesOf(query.eventTypes),
        subscriptionId: query.subscriptionId ?? null,
      };
      const after = lastSeen(request);
      const mayListen = stillAuthorized(request, doors);
      await streams.open({ workspaceId, filter, after, mayListen }, () => {
        reply.hijack();
        return new EventStream(reply.raw, reply.getHeaders());
      });
    },
  );
}

function kindsOf(text: string | undefined, scopes: readonly Scope[]): StreamFilter['kinds'] {
  const all = Object.keys(SCOPE_OF) as Kind[];
  if (text === undefined) return new Set(all.filter((kind) => scopes.includes(SCOPE_OF[kind])));
  const asked = text.split(',').map((name) => all.find((kind) => kind === name));
  const kinds = asked.filter((kind) => kind !== undefined);
  if (kinds.length < asked.length)
    throw new Refusal('BAD_REQUEST', `kinds: name some of ${all.join(', ')}, separated by commas.`);
  const lacking = kinds.find((kind) => !scopes.includes(SCOPE_OF[kind]));
  if (lacking !== undefined)
    throw new Refusal(
      'FORBIDDEN',
      `This token lacks the scope ${SCOPE_OF[lacking]}, for the kind ${lacking}.`,
    );
  return new Set(kinds);
}

function eventTypesOf(text: string | undefined): string[] {
  const entries = text === undefined ? [] : text.split(',');
  if (entries.length > EVENT_TYPES_MAX || !entries.every((entry) => isEventType(entry) || isPattern(entry)))
    throw new Refusal(
      'BAD_REQUEST',
      `eventTypes: give at most ${EVENT_TYPES_MAX} event types or patterns such as crm.*, separated by commas.`,
    );
  return entries;
}

function lastSeen(request: FastifyRequest): number | null {
  const id = request.headers['last-event-id'];
  if (id === undefined || id === '') return null;
  if (typeof id === 'string' && ITEM_NUMBER_FORM.test(id)) return Number(id);
  throw new Refusal('BAD_REQUEST', 'Last-Event-ID must be the id of a message of this stream.');
}
