import type { AuditEntry } from '../../domain/audit.ts';
import type { AuditRow } from '../audit-rows.ts';
import { auditValues, toAuditEntry } from '../audit-rows.ts';
import type { AuditQuery, AuditStore } from '../contract/audit.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import type { Condition, Scan } from './filtered-scan.ts';
import { equal, readList, scanPage } from './filtered-scan.ts';
import { storable } from './free-text.ts';
import type { StoreParts } from './parts.ts';

const COLUMNS =
  'id, action, target_id, actor, token_id, token_prefix, token_name, address, request_id, fields, via';
const insert = statement(`
INSERT INTO velahook.audit_entries (workspace_id, created_at, ${COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`);
// By audit_by_time. Nodes that remove at once pass over one another's.
const remove = statement(`
DELETE FROM velahook.audit_entries WHERE id IN (
  SELECT id FROM velahook.audit_entries WHERE created_at < $1
  ORDER BY created_at, seq LIMIT $2 FOR UPDATE SKIP LOCKED)`);

/** Writes an entry, if there is one, in the transaction of the change it tells of; nobody else locks its row. */
export async function appendAudit(session: Session, entry: AuditEntry | undefined): Promise<void> {
  if (entry === undefined) return;
  const values = auditValues(entry).map(storable);
  await session.run(insert, [entry.workspaceId, entry.createdAt, ...values]);
}

/** `AuditStore`. */
export function auditCalls({ database, writes }: StoreParts): AuditStore {
  return {
    appendAudit: (entry) => writes.write((session) => appendAudit(session, entry)),

    listAudit: (workspaceId, query) =>
      readList(database, async (session) => scanPage(session, planList(workspaceId, query), query)),

    // Beside the other writes: nobody waits for it.
    removeAudit: (before, limit) => database.run(remove, [Math.round(before), limit]),
  };
}

/** Along audit_of_workspace, or for the whole installation along audit_by_time. */
function planList(workspaceId: string | null, query: AuditQuery): Scan<AuditRow, AuditEntry> {
  const { action, targetId, tokenId, actor } = query;
  const filters = Object.entries({ action, target_id: targetId, token_id: tokenId, actor }).flatMap(
    ([column, value]): Condition[] => (value === undefined ? [] : [equal(`d.${column}`, storable(value))]),
  );
  const all: Condition = () => 'true';
  return {
    kind: 'audit',
    sources: [
      {
        columns: `workspace_id, created_at, seq, ${COLUMNS}`,
        from: 'velahook.audit_entries',
        prefix: [workspaceId === null ? all : equal('workspace_id', workspaceId)],
      },
    ],
    columns: `d.id, d.workspace_id AS "workspaceId", d.action, d.target_id AS "targetId", d.actor,
      d.token_id AS "tokenId", d.token_prefix AS "tokenPrefix", d.token_name AS "tokenName", d.address,
      d.request_id AS "requestId", d.fields, d.via`,
    join: '',
    filters,
    weight: '1',
    toItem: toAuditEntry,
  };
}
