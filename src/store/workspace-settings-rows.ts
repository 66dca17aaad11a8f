import type { PortalSettings } from '../domain/portal.ts';
import type { WorkspaceSettings } from './contract/settings.ts';

/** Settings as both stores have them in their columns. */
export interface SettingsRow {
  retentionDays: number | null;
  /** A JSON array, or null. */
  redactionPaths: string | null;
  /** A JSON object, or null. */
  portal: string | null;
}

export function toSettings({ retentionDays, redactionPaths, portal }: SettingsRow): WorkspaceSettings {
  return { retentionDays, redactionPaths: toPaths(redactionPaths), portal: toPortal(portal) };
}

function toPortal(portal: string | null): PortalSettings | null {
  return portal === null ? null : (JSON.parse(portal) as PortalSettings);
}

export function toPortalText(portal: PortalSettings | null): string | null {
  return portal === null ? null : JSON.stringify(portal);
}

export function toPaths(redactionPaths: string | null): string[] {
  return redactionPaths === null ? [] : (JSON.parse(redactionPaths) as string[]);
}

export function toPathsText(redactionPaths: readonly string[]): string | null {
  return redactionPaths.length === 0 ? null : JSON.stringify(redactionPaths);
}
