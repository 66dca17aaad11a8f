import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../../domain/audit.ts';
import type { ValidationMode } from '../../domain/catalogue/event-type-definition.ts';
import type { EventTypeRow } from '../catalogue-rows.ts';
import { toEventType, toRow } from '../catalogue-rows.ts';
import type { CatalogueChange, CatalogueSet } from '../contract/catalogue.ts';
import type { WorkspaceVersion } from '../contract/signals.ts';
import type { AppendAudit } from './audit.ts';
import { command, queryAll, queryOne } from './statement.ts';
import type { Workspaces } from './workspaces.ts';

interface HeadRow {
  version: number;
  validation: ValidationMode | null;
}

function findHead(db: DatabaseSync) {
  return queryOne<HeadRow>(
    db,
    `SELECT c.version, c.validation FROM catalogues c JOIN workspaces w ON w.seq = c.workspace_seq WHERE w.id = ? AND w.deleted_at IS NULL`,
  );
}

/** The changing part of `CatalogueStore`. All by primary key. */
export function catalogueHandlers(db: DatabaseSync, workspaces: Workspaces, appendAudit: AppendAudit) {
  const head = findHead(db);
  const writeHead = command(
    db,
    `INSERT INTO catalogues (workspace_seq, version, validation) VALUES (?, ?, ?)
     ON CONFLICT (workspace_seq) DO UPDATE SET version = excluded.version, validation = excluded.validation`,
  );
  const put = command(
    db,
    `INSERT INTO event_types (workspace_seq, name, definition, validation, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (workspace_seq, name) DO UPDATE SET definition = excluded.definition,
       validation = excluded.validation, updated_at = excluded.updated_at`,
  );
  const remove = command(db, 'DELETE FROM event_types WHERE workspace_seq = ? AND name = ?');
  return {
    listCatalogueVersions(workspaceIds: readonly string[]): WorkspaceVersion[] {
      return workspaceIds.flatMap((workspaceId) => {
        const found = head.get(workspaceId);
        return found === undefined ? [] : [{ workspaceId, version: found.version }];
      });
    },

    changeCatalogue(
      workspaceId: string,
      version: number,
      change: CatalogueChange,
      audit?: AuditEntry,
    ): boolean {
      const { seq } = workspaces.get(workspaceId);
      const before = head.get(workspaceId) ?? { version: 0, validation: null };
      if (before.version !== version) return false;
      const { validation = before.validation } = change;
      writeHead.run(seq, version + 1, validation);
      for (const name of change.remove ?? []) remove.run(seq, name);
      for (const type of change.put ?? []) {
        const row = toRow(type);
        put.run(seq, row.name, row.definition, row.validation, row.createdAt, row.updatedAt);
      }
      appendAudit(audit);
      return true;
    },
  };
}

/** `loadCatalogue`: up to some megabytes, so not between commits. By primary key. */
export function createLoadCatalogue(db: DatabaseSync): (workspaceId: string) => CatalogueSet {
  const head = findHead(db);
  const list = queryAll<EventTypeRow>(
    db,
    `SELECT t.name, t.definition, t.validation, t.created_at AS createdAt, t.updated_at AS updatedAt
     FROM event_types t JOIN workspaces w ON w.seq = t.workspace_seq WHERE w.id = ? AND w.deleted_at IS NULL ORDER BY t.name`,
  );
  return (workspaceId) => {
    const found = head.get(workspaceId);
    if (found === undefined) return { version: 0, validation: null, types: [] };
    return { ...found, types: list.all(workspaceId).map((row) => toEventType({ ...row })) };
  };
}
