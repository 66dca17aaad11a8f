import { Type } from 'typebox';
import { SCOPES } from '../../domain/token.ts';
import type { AccessTokens, TokenDraft } from '../../management/access-tokens.ts';
import { callerOf } from '../caller.ts';
import { ADMIN_SECURITY } from '../openapi.ts';
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
  success,
} from '../schemas.ts';
import { mistakesIn } from '../validation.ts';

const NAME_CHARS_MAX = 100;
/** Longer than any id. */
const ID_CHARS_MAX = 64;

const Scopes = Type.Array(oneOf(SCOPES), { minItems: 1, maxItems: SCOPES.length, uniqueItems: true });

const CreateBody = Type.Object(
  {
    workspaceId: Type.String({ maxLength: ID_CHARS_MAX }),
    name: Type.String({ minLength: 1, maxLength: NAME_CHARS_MAX, description: 'What it is for' }),
    scopes: Scopes,
    expiresAt: Type.Optional(nullable(Instant)),
    mode: Type.Optional(
      oneOf(['live', 'test'], { description: 'How it begins, sk_live_ or sk_test_; both do the same' }),
    ),
  },
  CLOSED,
);

const shown = {
  _id: Type.String(),
  workspaceId: Type.String(),
  name: Type.String(),
  prefix: Type.String({ description: 'Its first 16 characters' }),
  scopes: Type.Array(oneOf(SCOPES)),
  status: oneOf(['active', 'expired', 'revoked']),
  createdAt: Instant,
  expiresAt: nullable(Instant),
  revokedAt: nullable(Instant),
  lastUsedAt: nullable({ ...Instant, description: 'To a minute or so' }),
};

const Shown = Type.Object(shown);
const Created = Type.Object({
  ...shown,
  token: Type.String({ description: 'The whole token: shown in this answer only' }),
});

const ListQuery = Type.Object(
  {
    ...PAGE_QUERY,
    workspaceId: Type.String({ maxLength: ID_CHARS_MAX }),
    active: Type.Optional(Type.Boolean({ description: 'Neither revoked nor expired' })),
    sortBy: oneOf(['createdAt'], { default: 'createdAt' }),
  },
  CLOSED,
);

const about = { tags: ['tokens'], security: ADMIN_SECURITY };

/** Tokens of workspaces, for the administrator. */
export function addTokenRoutes(api: Api, accessTokens: AccessTokens): void {
  api.post(
    '/tokens',
    {
      config: { rate: 'write' },
      attachValidation: true,
      schema: {
        ...about,
        operationId: 'createToken',
        summary: 'Make a token of a workspace',
        body: CreateBody,
        response: { 201: success(Type.Object({ token: Created }), 'Created'), ...FAILURES },
      },
    },
    async (request, reply) => {
      // With `attachValidation` the body is what was sent, whatever its type says: no body at all, for one.
      const draft = (request.body as TokenDraft | undefined) ?? {};
      const token = await accessTokens.create(callerOf(request), draft, mistakesIn(request));
      return reply.code(201).send(ok({ token }));
    },
  );

  api.get(
    '/tokens',
    {
      config: { rate: 'read' },
      schema: {
        ...about,
        operationId: 'listTokens',
        summary: 'List the tokens of a workspace, revoked ones too',
        querystring: ListQuery,
        response: {
          200: success(Type.Object({ items: Type.Array(Shown), pagination: PagePagination })),
          ...FAILURES,
        },
      },
    },
    async ({ query }) => {
      const { workspaceId, ...filters } = query;
      const { items, total } = await accessTokens.list(workspaceId, filters);
      return ok({ items, pagination: paginationOf(query, total) });
    },
  );

  api.get(
    '/tokens/:id',
    {
      config: { rate: 'read' },
      schema: {
        ...about,
        operationId: 'getToken',
        summary: 'One token',
        params: IdParams,
        response: { 200: success(Type.Object({ token: Shown })), ...FAILURES },
      },
    },
    async ({ params }) => ok({ token: await accessTokens.get(params.id) }),
  );

  api.delete(
    '/tokens/:id',
    {
      config: { rate: 'delete' },
      schema: {
        ...about,
        operationId: 'revokeToken',
        summary: 'Revoke a token',
        params: IdParams,
        response: {
          200: success(Type.Object({ deleted: Type.Literal(true), _id: Type.String() }), 'Revoked'),
          ...FAILURES,
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      await accessTokens.revoke(callerOf(request), id);
      return ok({ deleted: true as const, _id: id });
    },
  );
}
