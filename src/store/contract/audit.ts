import type { Actor, AuditAction, AuditEntry } from '../../domain/audit.ts';
import type { CursorPage, CursorQuery } from './history.ts';

/**
 * The audit log: entries are added and, when they are old, removed; never changed. Writing calls that change something
 * on somebody's behalf take an entry as their last argument and store it in the same commit, if they change anything;
 * {@link AuditStore.appendAudit} is for what has no commit of its own.
 */
export interface AuditStore {
  appendAudit(entry: AuditEntry): Promise<void>;
  /** Of one workspace, or of the whole installation (null), newest first. */
  listAudit(workspaceId: string | null, query: AuditQuery): Promise<CursorPage<AuditEntry>>;
  /** Removes at most `limit` entries that are older than `before`; answers how many. */
  removeAudit(before: number, limit: number): Promise<number>;
}

export interface AuditQuery extends CursorQuery {
  action?: AuditAction;
  targetId?: string;
  tokenId?: string;
  actor?: Actor['kind'];
}
