import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Caller } from '../../domain/audit.ts';
import type { EventTypeDefinition, StoredEventType } from '../../domain/catalogue/event-type-definition.ts';
import type { Mistake } from '../../domain/errors.ts';
import { isReservedType } from '../../domain/event-type.ts';
import { canonical } from '../../domain/json-schema/canonical.ts';
import type { JsonObject } from '../../domain/json-schema/node.ts';
import type { Clock } from '../../lib/clock.ts';
import type { CatalogueChange } from '../../store/contract/catalogue.ts';
import type { Catalogues } from './catalogues.ts';
import type { EventTypeFields } from './event-type-fields.ts';
import {
  applyDraft,
  blankDefinition,
  checkDefinition,
  checkShape,
  mistakeInName,
  reservationOf,
} from './event-type-fields.ts';
import type { EventTypes } from './event-types.ts';
import { refuseTooMuch } from './event-types.ts';
import { exportCatalogue } from './openapi-export.ts';
import type { ImportedType } from './openapi-import.ts';
import { readWebhook, webhooksOf } from './openapi-import.ts';
import type { CatalogueEntry, WorkspaceCatalogue } from './workspace-catalogue.ts';

/** The audit log names so many of the types of an import. */
const NAMES_AUDITED_MAX = 50;

/** What became of one event type of an import. */
export interface ImportResult {
  name: string;
  result: 'created' | 'changed' | 'unchanged' | 'refused';
  errors?: Mistake[];
}

export interface CatalogueExchangeDeps {
  catalogues: Catalogues;
  eventTypes: Pick<EventTypes, 'change'>;
  clock: Clock;
}

/** The catalogue as documents of OpenAPI, there and back. */
export class CatalogueExchange {
  readonly #deps: CatalogueExchangeDeps;

  constructor(deps: CatalogueExchangeDeps) {
    this.#deps = deps;
  }

  async export(workspaceId: string): Promise<JsonObject> {
    return exportCatalogue(await this.#deps.catalogues.of(workspaceId), workspaceId);
  }

  /**
   * Takes the webhooks of a document for the workspace's event types: what it has not is created, what is another is
   * changed, what the document does not name stays. One that is refused does not spoil the rest; all of the rest is
   * one change. With `dryRun` nothing is changed. Throws a `Refusal` for what is wrong with the whole.
   */
  async import(by: Caller, workspaceId: string, document: unknown, dryRun: boolean): Promise<ImportResult[]> {
    const imported: CheckedType[] = [];
    for (const name of webhooksOf(document)) {
      imported.push(check(readWebhook(document, name)));
      // The patterns of one schema may take a while to compile: others are answered in between.
      await nextTurn();
    }
    let results: ImportResult[] = [];
    const make = (before: WorkspaceCatalogue): CatalogueChange => {
      const now = this.#deps.clock.now();
      const judged = imported.map((type) => judge(type, before, now));
      results = judged.map(({ result }) => result);
      return { put: judged.flatMap(({ put }) => put ?? []) };
    };
    if (dryRun) {
      const before = await this.#deps.catalogues.of(workspaceId);
      refuseTooMuch(before, make(before));
    } else {
      const fields = Object.fromEntries(imported.slice(0, NAMES_AUDITED_MAX).map(({ name }) => [name, true]));
      await this.#deps.eventTypes.change(by, workspaceId, { action: 'event_types.imported', fields }, make);
    }
    return results;
  }
}

interface CheckedType extends Pick<ImportedType, 'name' | 'validation'> {
  mistakes: Mistake[];
  /** Null where there are mistakes. */
  definition: EventTypeDefinition | null;
}

function check({ name, draft, mistakes: found, validation }: ImportedType): CheckedType {
  const wrongName = mistakeInName(name);
  const blank = blankDefinition(wrongName === undefined ? name : 'x');
  const mistakes = found.length > 0 ? found : checkDefinition(draft, blank, checkShape(draft));
  if (wrongName !== undefined) mistakes.unshift({ path: 'name', message: wrongName });
  const definition = mistakes.length > 0 ? null : applyDraft(draft as EventTypeFields, blank);
  return { name, mistakes, definition, ...(validation !== undefined && { validation }) };
}

function judge(
  { name, definition, mistakes, validation: given }: CheckedType,
  before: WorkspaceCatalogue,
  now: number,
): { result: ImportResult; put?: StoredEventType } {
  if (definition === null) return { result: { name, result: 'refused', errors: mistakes } };
  const entry = before.find(name);
  const isSame = entry !== undefined && isSameDefinition(entry, definition);
  const reservation = reservationOf(name);
  if (reservation !== undefined && !isSame)
    return { result: { name, result: 'refused', errors: [{ path: 'name', message: reservation }] } };
  const validation = isReservedType(name) ? null : (given ?? entry?.validation ?? null);
  if (isSame && validation === entry.validation) return { result: { name, result: 'unchanged' } };
  const isBuiltIn = entry?.isBuiltIn === true;
  return {
    result: { name, result: entry === undefined ? 'created' : 'changed' },
    put: {
      name,
      definition: isBuiltIn ? null : definition,
      validation,
      createdAt: entry?.createdAt ?? now,
      updatedAt: now,
    },
  };
}

function isSameDefinition(entry: CatalogueEntry, definition: EventTypeDefinition): boolean {
  const { category, description, schema, example, deprecated, deprecationNote, replacedBy } = entry;
  const before = { category, description, schema, example, deprecated, deprecationNote, replacedBy };
  return canonical(before) === canonical(definition);
}
