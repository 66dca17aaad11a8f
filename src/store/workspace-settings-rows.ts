import type { WorkspaceSettings } from './contract/settings.ts';

/** Settings as both stores have them in their columns. */
export interface SettingsRow {
  retentionDays: number | null;
  /** A JSON array, or null. */
  redactionPaths: string | null;
}

export function toSettings({ retentionDays, redactionPaths }: SettingsRow): WorkspaceSettings {
  return { retentionDays, redactionPaths: toPaths(redactionPaths) };
}

export function toPaths(redactionPaths: string | null): string[] {
  return redactionPaths === null ? [] : (JSON.parse(redactionPaths) as string[]);
}

export function toPathsText(redactionPaths: readonly string[]): string | null {
  return redactionPaths.length === 0 ? null : JSON.stringify(redactionPaths);
}
