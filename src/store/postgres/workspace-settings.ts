import type { WorkspaceSettingsStore } from '../contract/settings.ts';
import type { SettingsRow } from '../workspace-settings-rows.ts';
import { toPathsText, toPortalText, toSettings } from '../workspace-settings-rows.ts';
import { appendAudit } from './audit.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';

const COLUMNS = 'retention_days AS "retentionDays", redaction_paths AS "redactionPaths", portal';
const find = statement(`SELECT ${COLUMNS} FROM velahook.workspaces WHERE id = $1 AND deleted_at IS NULL`);
const findLocked = statement(`
SELECT ${COLUMNS} FROM velahook.workspaces WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`);
const update = statement(`
UPDATE velahook.workspaces
SET retention_days = $2, redaction_paths = $3, portal = $4, subscription_version = subscription_version + 1
WHERE id = $1`);

/** `WorkspaceSettingsStore`. By primary key. */
export function workspaceSettingsCalls({ database, writes, signals }: StoreParts): WorkspaceSettingsStore {
  return {
    async findSettings(workspaceId) {
      const [row] = await database.rows<SettingsRow>(find, [workspaceId]);
      return row && toSettings(row);
    },

    async changeSettings(workspaceId, change, audit) {
      const settings = await writes.write(async (session) => {
        const [row] = await session.rows<SettingsRow>(findLocked, [workspaceId]);
        if (row === undefined) return undefined;
        const changed = { ...toSettings(row), ...change };
        const { retentionDays, redactionPaths, portal } = changed;
        const values = [retentionDays, toPathsText(redactionPaths), toPortalText(portal)];
        await session.run(update, [workspaceId, ...values]);
        await appendAudit(session, audit);
        return changed;
      });
      if (settings !== undefined) signals.settingsChanged(workspaceId);
      return settings;
    },
  };
}
