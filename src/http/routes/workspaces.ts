import { Type } from 'typebox';
import type { Workspaces } from '../../management/workspaces.ts';
import { callerOf } from '../caller.ts';
import { ADMIN_SECURITY } from '../openapi.ts';
import type { Api } from '../schemas.ts';
import {
  CLOSED,
  FAILURES,
  IdParams,
  Instant,
  ok,
  oneOf,
  PAGE_QUERY,
  PagePagination,
  paginationOf,
  SEARCH_CHARS_MAX,
  success,
} from '../schemas.ts';
import { bodyOf } from '../validation.ts';

const NAME_CHARS_MAX = 100;

const Name = Type.String({ minLength: 1, maxLength: NAME_CHARS_MAX });
const CreateBody = Type.Object({ name: Name }, CLOSED);
const ChangeBody = Type.Object({ name: Type.Optional(Name) }, CLOSED);

const Shown = Type.Object({
  _id: Type.String(),
  name: Type.String(),
  createdAt: Instant,
  updatedAt: Instant,
});

const ListQuery = Type.Object(
  {
    ...PAGE_QUERY,
    search: Type.Optional(Type.String({ maxLength: SEARCH_CHARS_MAX, description: 'Part of the name' })),
    sortBy: oneOf(['createdAt', 'name'], { default: 'createdAt' }),
  },
  CLOSED,
);

const about = { tags: ['workspaces'], security: ADMIN_SECURITY };
const one = { 200: success(Type.Object({ workspace: Shown })), ...FAILURES };

/** Workspaces, for the administrator. */
export function addWorkspaceRoutes(api: Api, workspaces: Workspaces): void {
  api.post(
    '/workspaces',
    {
      config: { rate: 'write' },
      attachValidation: true,
      schema: {
        ...about,
        operationId: 'createWorkspace',
        summary: 'Make a workspace',
        body: CreateBody,
        response: { 201: success(Type.Object({ workspace: Shown }), 'Created'), ...FAILURES },
      },
    },
    async (request, reply) => {
      const workspace = await workspaces.create(callerOf(request), bodyOf(request));
      return reply.code(201).send(ok({ workspace }));
    },
  );

  api.get(
    '/workspaces',
    {
      config: { rate: 'read' },
      schema: {
        ...about,
        operationId: 'listWorkspaces',
        summary: 'List workspaces',
        querystring: ListQuery,
        response: {
          200: success(Type.Object({ items: Type.Array(Shown), pagination: PagePagination })),
          ...FAILURES,
        },
      },
    },
    async ({ query }) => {
      const { items, total } = await workspaces.list(query);
      return ok({ items, pagination: paginationOf(query, total) });
    },
  );

  addSingleWorkspaceRoutes(api, workspaces);
}

function addSingleWorkspaceRoutes(api: Api, workspaces: Workspaces): void {
  const path = '/workspaces/:id';
  api.get(
    path,
    {
      config: { rate: 'read' },
      schema: {
        ...about,
        operationId: 'getWorkspace',
        summary: 'One workspace',
        params: IdParams,
        response: one,
      },
    },
    async ({ params }) => ok({ workspace: await workspaces.get(params.id) }),
  );

  api.patch(
    path,
    {
      config: { rate: 'write' },
      attachValidation: true,
      schema: {
        ...about,
        operationId: 'changeWorkspace',
        summary: 'Rename a workspace',
        params: IdParams,
        body: ChangeBody,
        response: one,
      },
    },
    async (request) => {
      const workspace = await workspaces.rename(callerOf(request), request.params.id, bodyOf(request));
      return ok({ workspace });
    },
  );

  api.delete(
    path,
    {
      config: { rate: 'delete' },
      schema: {
        ...about,
        operationId: 'deleteWorkspace',
        summary: 'Delete a workspace, with its tokens and subscriptions',
        params: IdParams,
        response: {
          200: success(Type.Object({ deleted: Type.Literal(true), _id: Type.String() }), 'Deleted'),
          ...FAILURES,
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      await workspaces.delete(callerOf(request), id);
      return ok({ deleted: true as const, _id: id });
    },
  );
}
