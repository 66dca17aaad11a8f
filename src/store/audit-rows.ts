import type { Actor, ActorWay, AuditAction, AuditEntry } from '../domain/audit.ts';

/** An audit entry as both stores have it, but for the workspace. */
export interface AuditRow {
  id: string;
  workspaceId: string | null;
  createdAt: number;
  action: string;
  targetId: string | null;
  actor: string;
  tokenId: string | null;
  tokenPrefix: string | null;
  tokenName: string | null;
  address: string | null;
  requestId: string | null;
  fields: string;
  via: string | null;
}

/** In the order of the columns: all but the workspace and the time. */
export function auditValues({ id, action, targetId, caller, fields }: AuditEntry) {
  const { actor, address, requestId } = caller;
  const token = actor.kind === 'token' ? actor : undefined;
  const by = [actor.kind, token?.tokenId ?? null, token?.tokenPrefix ?? null, token?.tokenName ?? null];
  return [
    id,
    action,
    targetId,
    ...by,
    address,
    requestId,
    JSON.stringify(fields),
    actor.via ?? null,
  ] as const;
}

export function toAuditEntry(row: AuditRow): AuditEntry {
  const { id, workspaceId, createdAt, action, targetId, address, requestId } = row;
  return {
    id,
    workspaceId,
    createdAt,
    caller: { actor: actorOf(row), address, requestId },
    action: action as AuditAction,
    targetId,
    fields: JSON.parse(row.fields) as string[],
  };
}

function actorOf({ actor, tokenId, tokenPrefix, tokenName, via: way }: AuditRow): Actor {
  const via = way === null ? {} : { via: way as ActorWay };
  if (actor !== 'token') return { kind: actor as Exclude<Actor['kind'], 'token'>, ...via };
  return {
    kind: 'token',
    ...via,
    tokenId: tokenId ?? '',
    tokenPrefix: tokenPrefix ?? '',
    tokenName: tokenName ?? '',
  };
}
