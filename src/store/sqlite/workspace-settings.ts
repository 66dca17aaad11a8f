import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../../domain/audit.ts';
import type { WorkspaceSettings } from '../contract/settings.ts';
import type { SettingsRow } from '../workspace-settings-rows.ts';
import { toPathsText, toPortalText, toSettings } from '../workspace-settings-rows.ts';
import type { AppendAudit } from './audit.ts';
import { command, queryOne } from './statement.ts';

/** `WorkspaceSettingsStore`. By unique index. */
export function workspaceSettingsHandlers(db: DatabaseSync, appendAudit: AppendAudit) {
  const find = queryOne<SettingsRow>(
    db,
    `SELECT retention_days AS retentionDays, redaction_paths AS redactionPaths, portal
     FROM workspaces WHERE id = ? AND deleted_at IS NULL`,
  );
  const update = command(
    db,
    `UPDATE workspaces
     SET retention_days = ?2, redaction_paths = ?3, portal = ?4, subscription_version = subscription_version + 1
     WHERE id = ?1`,
  );
  const findSettings = (workspaceId: string): WorkspaceSettings | undefined => {
    const row = find.get(workspaceId);
    return row && toSettings(row);
  };
  return {
    findSettings,

    changeSettings(
      workspaceId: string,
      change: Partial<WorkspaceSettings>,
      audit?: AuditEntry,
    ): WorkspaceSettings | undefined {
      const before = findSettings(workspaceId);
      if (before === undefined) return undefined;
      const changed = { ...before, ...change };
      const { retentionDays, redactionPaths, portal } = changed;
      update.run(workspaceId, retentionDays, toPathsText(redactionPaths), toPortalText(portal));
      appendAudit(audit);
      return changed;
    },
  };
}
