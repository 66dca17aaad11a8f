import type { AuditEntry } from '../../domain/audit.ts';
import type { PortalSettings } from '../../domain/portal.ts';

/** What a workspace has decided for itself. */
export interface WorkspaceSettings {
  /** Days that its history is kept; null: as long as the installation keeps any. Never longer than that. */
  retentionDays: number | null;
  /** Paths of what is taken out of response bodies before they are stored; as they were given. */
  redactionPaths: readonly string[];
  /** Null: the portal has no colours of its own, and nobody may frame it. */
  portal: PortalSettings | null;
}

export interface WorkspaceSettingsStore {
  /** Undefined for an unknown workspace, or a deleted one. */
  findSettings(workspaceId: string): Promise<WorkspaceSettings | undefined>;
  /**
   * Changes the given settings and answers all as they are then; undefined for an unknown workspace. Raises its
   * subscription version in the same commit: whoever has its subscriptions in memory has these with them.
   */
  changeSettings(
    workspaceId: string,
    change: Partial<WorkspaceSettings>,
    audit?: AuditEntry,
  ): Promise<WorkspaceSettings | undefined>;
}
