/**
 * What can be in the audit log, by noun and past tense: whatever changes something for longer than one delivery, and
 * whatever shows a secret. Publishing is not: events are their own record.
 */
export const AUDIT_ACTIONS = [
  'workspace.created',
  'workspace.changed',
  'workspace.deleted',
  'token.created',
  'token.changed',
  'token.revoked',
  'admin_token.replaced',
  'subscription.created',
  'subscription.changed',
  'subscription.deleted',
  'subscription.deactivated',
  'subscription.tested',
  'subscription.secret_rotated',
  'subscription.secret_rotation_finished',
  'subscription.secret_revealed',
  'event.replayed',
  'delivery.replayed',
  'delivery.cancelled',
  'replay.started',
  'replay.cancelled',
  'erasure.started',
  'erasure.cancelled',
  'event_type.created',
  'event_type.changed',
  'event_type.deleted',
  'event_types.imported',
  'session.started',
  'portal.link_created',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export const ACTOR_KINDS = ['token', 'admin', 'operator', 'platform'] as const;

/** How a token's word came, if not with the token itself: by a session, or by a link to the portal. */
export const ACTOR_WAYS = ['session', 'portal'] as const;

export type ActorWay = (typeof ACTOR_WAYS)[number];

/**
 * Who did it: a workspace's token, the admin token, somebody at the command line, or Velahook itself. A token is
 * written down as it was: it may be long gone when somebody reads this. Of a session it is the one that was signed in
 * with, of the portal the one that made the link.
 */
export type Actor = { via?: ActorWay } & (
  | { kind: 'token'; tokenId: string; tokenPrefix: string; tokenName: string }
  | { kind: 'admin' | 'operator' | 'platform' }
);

/** On whose behalf something is changed: every use case that changes something takes one. */
export interface Caller {
  actor: Actor;
  /** The client's address, as far as proxies are trusted to tell it; null for whatever is no request. */
  address: string | null;
  requestId: string | null;
}

/** A line of the audit log. Never changed once written. */
export interface AuditEntry {
  /** `aud_` + 24. */
  id: string;
  /** Whose log it is in; null concerns the whole installation. */
  workspaceId: string | null;
  createdAt: number;
  caller: Caller;
  action: AuditAction;
  /** The id of what was changed. */
  targetId: string | null;
  /** Names of the fields that were given: never a value, which may be a secret. */
  fields: readonly string[];
}

const AUDIT_ID_PREFIX = 'aud_';
const BARE_ID_CHARS = 24;

/** Makes the id of an entry from a bare one. */
export function auditIdOf(bareId: string): string {
  return AUDIT_ID_PREFIX + bareId;
}

/**
 * The entry of a subscription that Velahook switched off. Its id is that of the notice which is left in the same
 * commit, so that a store needs no randomness to write it.
 */
export function deactivationEntry(
  workspaceId: string,
  subscriptionId: string,
  noticeEventId: string,
  now: number,
): AuditEntry {
  return {
    id: auditIdOf(noticeEventId.slice(-BARE_ID_CHARS)),
    workspaceId,
    createdAt: Math.round(now),
    caller: { actor: { kind: 'platform' }, address: null, requestId: null },
    action: 'subscription.deactivated',
    targetId: subscriptionId,
    fields: ['active'],
  };
}
