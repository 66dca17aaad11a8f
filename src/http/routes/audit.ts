import { Type } from 'typebox';
import { ACTOR_KINDS, ACTOR_WAYS, AUDIT_ACTIONS } from '../../domain/audit.ts';
import { EVENT_TYPE_CHARS_MAX } from '../../domain/event-type.ts';
import type { AuditLog } from '../../management/audit-log.ts';
import type { AuditQuery } from '../../store/contract/audit.ts';
import type { CursorQuery } from '../../store/contract/history.ts';
import { ADMIN_SECURITY } from '../openapi.ts';
import type { Api } from '../schemas.ts';
import {
  CLOSED,
  CURSOR_QUERY,
  CursorPagination,
  FAILURES,
  Instant,
  nullable,
  ok,
  oneOf,
  success,
} from '../schemas.ts';
import { cursorQueryOf } from './deliveries.ts';

const ID_CHARS_MAX = 64;

const Entry = Type.Object({
  _id: Type.String(),
  workspaceId: nullable(Type.String()),
  createdAt: Instant,
  action: oneOf(AUDIT_ACTIONS),
  targetId: nullable(Type.String({ description: 'The id of what was changed' })),
  fields: Type.Array(Type.String(), { description: 'Names of the fields that were given; never values' }),
  actor: Type.Object({
    kind: oneOf(ACTOR_KINDS),
    tokenId: Type.Optional(Type.String()),
    tokenPrefix: Type.Optional(Type.String()),
    tokenName: Type.Optional(Type.String()),
    via: Type.Optional(
      oneOf(ACTOR_WAYS, {
        description: 'A session that was begun with the token, or the portal by a link that was made with it',
      }),
    ),
  }),
  address: nullable(Type.String({ description: "The client's address" })),
  requestId: nullable(Type.String()),
});

const AUDIT_QUERY = {
  ...CURSOR_QUERY,
  action: Type.Optional(oneOf(AUDIT_ACTIONS)),
  // Of a change of the catalogue it is an event type.
  targetId: Type.Optional(Type.String({ maxLength: EVENT_TYPE_CHARS_MAX })),
  tokenId: Type.Optional(Type.String({ maxLength: ID_CHARS_MAX })),
  actor: Type.Optional(oneOf(ACTOR_KINDS)),
};

const AUDIT_ANSWER = {
  200: success(Type.Object({ items: Type.Array(Entry), pagination: CursorPagination })),
  ...FAILURES,
};

/** The audit log of the token's workspace. */
export function addAuditRoutes(api: Api, auditLog: AuditLog): void {
  api.get(
    '/audit',
    {
      config: { scope: 'audit:read', rate: 'read' },
      schema: {
        operationId: 'listAudit',
        tags: ['audit'],
        summary: 'Who changed what, when and from where',
        querystring: Type.Object(AUDIT_QUERY, CLOSED),
        response: AUDIT_ANSWER,
      },
    },
    async ({ workspaceId, query }) => {
      const { items, nextCursor } = await auditLog.list(workspaceId, auditQueryOf(query));
      return ok({ items, pagination: { limit: query.limit, nextCursor } });
    },
  );
}

/** The audit log of the whole installation, or of one workspace, for the administrator. */
export function addAdminAuditRoutes(api: Api, auditLog: AuditLog): void {
  api.get(
    '/admin/audit',
    {
      config: { rate: 'read' },
      schema: {
        operationId: 'listAllAudit',
        tags: ['audit'],
        security: ADMIN_SECURITY,
        summary: 'Who changed what in all workspaces, deleted ones too, and in the installation',
        querystring: Type.Object(
          { ...AUDIT_QUERY, workspaceId: Type.Optional(Type.String({ maxLength: ID_CHARS_MAX })) },
          CLOSED,
        ),
        response: AUDIT_ANSWER,
      },
    },
    async ({ query }) => {
      const { items, nextCursor } = await auditLog.list(query.workspaceId ?? null, auditQueryOf(query));
      return ok({ items, pagination: { limit: query.limit, nextCursor } });
    },
  );
}

type Filters = Omit<AuditQuery, keyof CursorQuery> & Parameters<typeof cursorQueryOf>[0];

function auditQueryOf(query: Filters): AuditQuery {
  const { action, targetId, tokenId, actor } = query;
  return {
    ...cursorQueryOf(query),
    ...(action !== undefined && { action }),
    ...(targetId !== undefined && { targetId }),
    ...(tokenId !== undefined && { tokenId }),
    ...(actor !== undefined && { actor }),
  };
}
