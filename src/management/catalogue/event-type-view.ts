import type { EventTypeDefinition, ValidationMode } from '../../domain/catalogue/event-type-definition.ts';
import { isoOrNull } from '../subscription-view.ts';
import type { CatalogueEntry, WorkspaceCatalogue } from './workspace-catalogue.ts';

/** An event type as the API shows it. */
export interface EventTypeView extends EventTypeDefinition {
  name: string;
  builtIn: boolean;
  /** What is set for this type; null is the workspace's default. */
  validation: ValidationMode | null;
  /** What is done with events whose `data` does not fit. */
  effectiveValidation: ValidationMode;
  createdAt: string | null;
  updatedAt: string | null;
  warnings: string[];
}

export function viewEventType(entry: CatalogueEntry, catalogue: WorkspaceCatalogue): EventTypeView {
  const { isBuiltIn, createdAt, updatedAt, ...rest } = entry;
  const effectiveValidation = catalogue.modeOf(entry.name);
  const isIdle = rest.schema === null && (rest.validation ?? 'off') !== 'off';
  return {
    ...rest,
    builtIn: isBuiltIn,
    effectiveValidation,
    createdAt: isoOrNull(createdAt),
    updatedAt: isoOrNull(updatedAt),
    warnings: isIdle ? ['It has no schema, so nothing is validated.'] : [],
  };
}
