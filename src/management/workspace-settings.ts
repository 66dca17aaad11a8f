import type { Caller } from '../domain/audit.ts';
import type { Mistake } from '../domain/errors.ts';
import { invalid, Refusal } from '../domain/errors.ts';
import { parseJsonPath, PATH_RULE } from '../domain/json-path.ts';
import type { PortalSettings } from '../domain/portal.ts';
import { mistakesInPortal } from '../domain/portal.ts';
import { REDACTION_PATHS_MAX } from '../domain/redaction.ts';
import { RETENTION_DAYS_MIN } from '../domain/retention.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { WorkspaceSettings, WorkspaceSettingsStore } from '../store/contract/settings.ts';
import { auditEntry } from './audit-log.ts';

/** Settings as the API shows them. */
export interface SettingsView {
  retentionDays: number | null;
  /** What holds: the workspace's own days, or the installation's. */
  effectiveRetentionDays: number;
  redactionPaths: string[];
  portal: PortalSettings | null;
}

/** Settings as a client sent them: what there is of the portal replaces all that there was. */
export type SettingsChange = Partial<Omit<WorkspaceSettings, 'portal'>> & {
  portal?: Partial<PortalSettings> | null;
};

/** The same before its types are known to be right. */
type SettingsDraft = { readonly [K in keyof SettingsChange]?: unknown };

export interface WorkspaceSettingsDeps {
  store: WorkspaceSettingsStore;
  engine: Pick<Engine, 'settingsChanged'>;
  clock: Clock;
  random: Random;
  /** Of the installation. */
  retentionDays: number;
}

/** What a workspace decides for itself. Everything throws a `Refusal` where the API is to answer one. */
export class WorkspaceSettingsDesk {
  readonly #deps: WorkspaceSettingsDeps;

  constructor(deps: WorkspaceSettingsDeps) {
    this.#deps = deps;
  }

  async get(workspaceId: string): Promise<SettingsView> {
    return this.#view(await this.#deps.store.findSettings(workspaceId));
  }

  /** Changes what is given; `found`: what the schema has found wrong with it. */
  async change(
    by: Caller,
    workspaceId: string,
    draft: SettingsChange,
    found: readonly Mistake[],
  ): Promise<SettingsView> {
    const mistakes = [...found, ...this.#mistakesIn(draft, found)];
    if (mistakes.length > 0) throw invalid(mistakes);
    const change = changeOf(draft);
    const audit = auditEntry(this.#deps, by, {
      action: 'workspace.changed',
      workspaceId,
      targetId: workspaceId,
      fields: change,
    });
    const after = await this.#deps.store.changeSettings(workspaceId, change, audit);
    this.#deps.engine.settingsChanged(workspaceId);
    return this.#view(after);
  }

  /** What a schema cannot say; of what has a mistake already, nothing more is said. */
  #mistakesIn(
    { retentionDays, redactionPaths, portal }: SettingsDraft,
    found: readonly Mistake[],
  ): Mistake[] {
    const max = this.#deps.retentionDays;
    const paths: readonly unknown[] = Array.isArray(redactionPaths) ? redactionPaths : [];
    const mistakes = paths
      .slice(0, REDACTION_PATHS_MAX)
      .flatMap((text, i) =>
        typeof text === 'string' && parseJsonPath(text) === undefined
          ? [{ path: `redactionPaths[${i}]`, message: PATH_RULE }]
          : [],
      );
    if (typeof retentionDays === 'number' && (retentionDays < RETENTION_DAYS_MIN || retentionDays > max)) {
      const message = `must be ${RETENTION_DAYS_MIN} to ${max}, the days that this installation keeps, or null for that`;
      mistakes.unshift({ path: 'retentionDays', message });
    }
    if (isObject(portal)) mistakes.push(...mistakesInPortal(portal));
    const reported = new Set(found.map(({ path }) => path));
    return mistakes.filter(({ path }) => !reported.has(path));
  }

  #view(settings: WorkspaceSettings | undefined): SettingsView {
    if (settings === undefined) throw new Refusal('NOT_FOUND', 'There is no such workspace any more.');
    const { retentionDays, redactionPaths, portal } = settings;
    const installation = this.#deps.retentionDays;
    return {
      retentionDays,
      effectiveRetentionDays: Math.min(retentionDays ?? installation, installation),
      redactionPaths: [...redactionPaths],
      portal,
    };
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whatever is not given of a portal is not there. */
function changeOf({ portal, ...others }: SettingsChange): Partial<WorkspaceSettings> {
  if (portal === undefined) return others;
  if (portal === null) return { ...others, portal };
  const { frameAncestors = [], title = null, logoUrl = null, primaryColor = null } = portal;
  return { ...others, portal: { frameAncestors, title, logoUrl, primaryColor } };
}
