import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../../domain/audit.ts';
import type { AuditRow } from '../audit-rows.ts';
import { auditValues, toAuditEntry } from '../audit-rows.ts';
import type { AuditQuery } from '../contract/audit.ts';
import type { CursorPage } from '../contract/history.ts';
import type { Condition, FilteredScan, SeqFinder } from './filtered-scan.ts';
import { command } from './statement.ts';

/** Writes an entry, if there is one, in the transaction of the change it tells of. */
export type AppendAudit = (entry: AuditEntry | undefined) => void;

export function createAppendAudit(db: DatabaseSync): AppendAudit {
  const insert = command(
    db,
    `INSERT INTO audit_entries (workspace_seq, created_at, id, action, target_id, actor, token_id, token_prefix,
                                token_name, address, request_id, fields, via)
     VALUES ((SELECT seq FROM workspaces WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (entry) => {
    if (entry !== undefined) insert.run(entry.workspaceId, entry.createdAt, ...auditValues(entry));
  };
}

/** `AuditStore` but its list. The oldest are found by audit_by_time. */
export function auditHandlers(db: DatabaseSync, appendAudit: AppendAudit) {
  const remove = command(
    db,
    `DELETE FROM audit_entries WHERE seq IN (
       SELECT seq FROM audit_entries WHERE created_at < ? ORDER BY created_at LIMIT ?)`,
  );
  return {
    appendAudit: (entry: AuditEntry): void => appendAudit(entry),
    removeAudit: (before: number, limit: number): number => Number(remove.run(before, limit).changes),
  };
}

/** Along audit_of_workspace, or for the whole installation along audit_by_time. */
export function createListAudit(seqs: SeqFinder, scan: FilteredScan) {
  return (workspaceId: string | null, query: AuditQuery): CursorPage<AuditEntry> => {
    const { action, targetId, tokenId, actor } = query;
    const filters = [
      ...equal('a.action', action),
      ...equal('a.target_id', targetId),
      ...equal('a.token_id', tokenId),
      ...equal('a.actor', actor),
    ];
    const ofOne = workspaceId === null ? [] : equal('a.workspace_seq', seqs.workspace(workspaceId) ?? 0);
    return scan<AuditRow, AuditEntry>(
      {
        kind: 'audit',
        table: `audit_entries a INDEXED BY ${workspaceId === null ? 'audit_by_time' : 'audit_of_workspace'}`,
        alias: 'a',
        columns: `a.id, w.id AS workspaceId, a.action, a.target_id AS targetId, a.actor, a.token_id AS tokenId,
          a.token_prefix AS tokenPrefix, a.token_name AS tokenName, a.address, a.request_id AS requestId, a.fields,
          a.via`,
        joins: 'LEFT JOIN workspaces w ON w.seq = a.workspace_seq',
        prefix: ofOne,
        filters,
      },
      query,
      toAuditEntry,
    );
  };
}

function equal(column: string, value: string | number | undefined): Condition[] {
  return value === undefined ? [] : [{ sql: `${column} = ?`, params: [value] }];
}
