import type { DatabaseSync } from 'node:sqlite';
import { command, queryOne } from './statement.ts';

export interface WorkspaceRow {
  seq: number;
  subscriptionVersion: number;
  /** A JSON array, or null. */
  redactionPaths: string | null;
  deletedAt: number | null;
}

/** What other calls need of a workspace. By unique index and primary key. */
export interface Workspaces {
  /** Deleted ones too. */
  find(workspaceId: string): WorkspaceRow | undefined;
  findLive(workspaceId: string): WorkspaceRow | undefined;
  /** Throws for an unknown workspace: whoever calls the store has checked it, so it is a mistake of ours. */
  get(workspaceId: string): WorkspaceRow;
  raiseSubscriptionVersion(workspaceSeq: number): void;
}

export function createWorkspaces(db: DatabaseSync): Workspaces {
  const select = queryOne<WorkspaceRow>(
    db,
    `SELECT seq, subscription_version AS subscriptionVersion, redaction_paths AS redactionPaths,
            deleted_at AS deletedAt
     FROM workspaces WHERE id = ?`,
  );
  const raise = command(
    db,
    'UPDATE workspaces SET subscription_version = subscription_version + 1 WHERE seq = ?',
  );
  const find = (workspaceId: string): WorkspaceRow | undefined => select.get(workspaceId);
  return {
    find,
    findLive(workspaceId) {
      const found = find(workspaceId);
      return found?.deletedAt === null ? found : undefined;
    },
    get(workspaceId) {
      const found = find(workspaceId);
      if (found === undefined) throw new Error(`There is no workspace ${workspaceId}.`);
      return found;
    },
    raiseSubscriptionVersion(workspaceSeq) {
      raise.run(workspaceSeq);
    },
  };
}
