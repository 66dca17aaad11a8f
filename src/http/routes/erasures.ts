import { Type } from 'typebox';
import { ERASURE_STATES } from '../../domain/erasure.ts';
import { PATH_CHARS_MAX } from '../../domain/json-path.ts';
import { SUBJECT_VALUE_CHARS_MAX } from '../../domain/subject.ts';
import type { Erasures } from '../../management/erasures.ts';
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
import { cursorQueryOf } from './deliveries.ts';
import { bytesOf } from './events.ts';

const Erasure = Type.Object({
  _id: Type.String(),
  workspaceId: Type.String(),
  path: Type.String(),
  state: oneOf(ERASURE_STATES),
  progress: Type.Object({
    examined: Type.Integer({ description: 'Events looked at' }),
    erased: Type.Integer({ description: 'Events whose payload it erased' }),
    cancelled: Type.Integer({ description: 'Pending deliveries cancelled with them' }),
  }),
  createdAt: Instant,
  updatedAt: Instant,
  finishedAt: nullable(Instant),
});

const StartBody = Type.Object(
  {
    path: Type.String({
      maxLength: PATH_CHARS_MAX,
      examples: ['$.customer.id'],
      description: 'Where in data the value is',
    }),
    value: Type.Unsafe<string | number>({
      anyOf: [{ type: 'string', minLength: 1, maxLength: SUBJECT_VALUE_CHARS_MAX }, { type: 'number' }],
      description: 'Compared exactly; shown in no answer, and forgotten when the job ends',
    }),
  },
  CLOSED,
);

const shown = success(Type.Object({ erasure: Erasure }));

/** Jobs that erase payloads: whoever may shorten the retention of a workspace's history may erase of it. */
export function addErasureRoutes(api: Api, erasures: Erasures): void {
  api.get(
    '/erasures',
    {
      config: { scope: 'workspace:read', rate: 'read' },
      schema: {
        operationId: 'listErasures',
        tags: ['erasures'],
        summary: 'Jobs that erase payloads, newest first',
        querystring: Type.Object(CURSOR_QUERY, CLOSED),
        response: {
          200: success(Type.Object({ items: Type.Array(Erasure), pagination: CursorPagination })),
          ...FAILURES,
        },
      },
    },
    async ({ workspaceId, query }) => {
      const { items, nextCursor } = await erasures.list(workspaceId, cursorQueryOf(query));
      return ok({ items, pagination: { limit: query.limit, nextCursor } });
    },
  );

  api.get(
    '/erasures/:id',
    {
      config: { scope: 'workspace:read', rate: 'read' },
      schema: {
        operationId: 'getErasure',
        tags: ['erasures'],
        summary: 'How far an erasure is',
        params: IdParams,
        response: { 200: shown, ...FAILURES },
      },
    },
    async ({ workspaceId, params }) => ok({ erasure: await erasures.get(workspaceId, params.id) }),
  );

  api.post(
    '/erasures/:id/cancel',
    {
      config: { scope: 'workspace:write', rate: 'write' },
      schema: {
        operationId: 'cancelErasure',
        tags: ['erasures'],
        summary: 'Stop an erasure; what it has erased stays so',
        params: IdParams,
        response: { 200: shown, ...FAILURES },
      },
    },
    async (request) => {
      const { workspaceId, params } = request;
      return ok({ erasure: await erasures.cancel(callerOf(request), workspaceId, params.id) });
    },
  );
}

/** Starting one: where bodies reach the handler as bytes, so that a big number stays what it was. */
export function addErasureStartRoute(api: Api, erasures: Erasures): void {
  api.post(
    '/erasures',
    {
      config: { scope: 'workspace:write', rate: 'write' },
      schema: {
        operationId: 'startErasure',
        tags: ['erasures'],
        summary: 'Erase the payloads that mention a subject, as a job',
        body: StartBody,
        response: {
          202: success(
            Type.Object({ erasure: Erasure }),
            'It is stored, and goes on whatever becomes of this node',
          ),
          ...FAILURES,
        },
      },
    },
    async (request, reply) => {
      const { workspaceId } = request;
      const erasure = await erasures.start(callerOf(request), workspaceId, bytesOf(request));
      return reply.code(202).send(ok({ erasure }));
    },
  );
}
