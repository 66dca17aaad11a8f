import type { AuditEntry } from '../../domain/audit.ts';
import type { StoredEventType, ValidationMode } from '../../domain/catalogue/event-type-definition.ts';
import type { WorkspaceVersion } from './signals.ts';

/**
 * What workspaces have made of the event catalogue: types of their own, settings about built-in ones. A workspace's
 * part is one small document with a version; whoever changes it says which version was changed.
 */
export interface CatalogueStore {
  /** Of one moment. A workspace that has changed nothing, or does not exist, is at version 0 with nothing. */
  loadCatalogue(workspaceId: string): Promise<CatalogueSet>;
  /** Of those that have changed anything. */
  listCatalogueVersions(workspaceIds: readonly string[]): Promise<WorkspaceVersion[]>;
  /**
   * Makes the change, and the version one higher, if `version` is still the workspace's. Else false, and nothing is
   * changed: somebody else was faster, and what the change was made from is not what there is.
   */
  changeCatalogue(
    workspaceId: string,
    version: number,
    change: CatalogueChange,
    audit?: AuditEntry,
  ): Promise<boolean>;
}

export interface CatalogueSet {
  version: number;
  /** For types that say nothing else; null is the default. */
  validation: ValidationMode | null;
  /** By name. */
  types: StoredEventType[];
}

export interface CatalogueChange {
  /** Missing: as it was. */
  validation?: ValidationMode | null;
  /** Types to be stored under their names, whether they were there or not; each name once. */
  put?: readonly StoredEventType[];
  /** Names of types to be removed. */
  remove?: readonly string[];
}
