import type { Caller } from '../../domain/audit.ts';
import type { StoredEventType, ValidationMode } from '../../domain/catalogue/event-type-definition.ts';
import { CATALOGUE_BYTES_MAX, EVENT_TYPES_MAX } from '../../domain/catalogue/event-type-definition.ts';
import type { Mistake } from '../../domain/errors.ts';
import { invalid, Refusal } from '../../domain/errors.ts';
import { isReservedType } from '../../domain/event-type.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import type { CatalogueChange, CatalogueStore } from '../../store/contract/catalogue.ts';
import type { AuditedChange } from '../audit-log.ts';
import { auditEntry } from '../audit-log.ts';
import type { Catalogues } from './catalogues.ts';
import type { EventTypeDraft, EventTypeFields } from './event-type-fields.ts';
import {
  applyDraft,
  blankDefinition,
  checkDefinition,
  mistakeInName,
  reservationOf,
} from './event-type-fields.ts';
import type { EventTypeView } from './event-type-view.ts';
import { viewEventType } from './event-type-view.ts';
import type { CatalogueEntry, WorkspaceCatalogue } from './workspace-catalogue.ts';
import { bytesOf } from './workspace-catalogue.ts';

/** A change is made anew when somebody else's came first; so many of them in a row is a flood. */
const TRIES = 8;

export interface EventTypeQuery {
  category?: string;
  deprecated?: boolean;
  builtIn?: boolean;
  /** Substring of name or description, without regard to case. */
  search?: string;
  /** Within a category, by name. */
  sortBy: 'name' | 'category';
  sortOrder: 'asc' | 'desc';
  /** From 1. */
  page: number;
  limit: number;
}

export interface EventTypesDeps {
  store: Pick<CatalogueStore, 'changeCatalogue'>;
  catalogues: Catalogues;
  clock: Clock;
  random: Random;
}

/** What customers do with the event catalogue. Everything throws a `Refusal` where the API is to answer one. */
export class EventTypes {
  readonly #deps: EventTypesDeps;

  constructor(deps: EventTypesDeps) {
    this.#deps = deps;
  }

  /** A page of the catalogue. It is bounded and in memory: each call looks at all of it. */
  async list(workspaceId: string, query: EventTypeQuery): Promise<{ items: EventTypeView[]; total: number }> {
    const catalogue = await this.#deps.catalogues.of(workspaceId);
    const { sortBy, sortOrder, page, limit } = query;
    const direction = sortOrder === 'asc' ? 1 : -1;
    const wanted = catalogue
      .list()
      .filter((entry) => isWanted(entry, query))
      .sort((a, b) => direction * (compare(a[sortBy], b[sortBy]) || compare(a.name, b.name)));
    const items = wanted.slice((page - 1) * limit, page * limit);
    return { items: items.map((entry) => viewEventType(entry, catalogue)), total: wanted.length };
  }

  async get(workspaceId: string, name: string): Promise<EventTypeView> {
    const catalogue = await this.#deps.catalogues.of(workspaceId);
    return viewEventType(entryIn(catalogue, name), catalogue);
  }

  /** `found`: what the schema has found wrong with the draft. */
  async create(
    by: Caller,
    workspaceId: string,
    draft: EventTypeDraft,
    found: readonly Mistake[],
  ): Promise<EventTypeView> {
    const name = typeof draft.name === 'string' ? draft.name : '';
    const hasName = found.every(({ path }) => path !== 'name');
    const wrongName = hasName ? mistakeInName(name) : undefined;
    const blank = blankDefinition(hasName && wrongName === undefined ? name : 'x');
    const mistakes = checkDefinition(draft, blank, found);
    if (wrongName !== undefined) mistakes.unshift({ path: 'name', message: wrongName });
    if (mistakes.length > 0) throw invalid(mistakes);
    const reservation = reservationOf(name);
    if (reservation !== undefined) throw new Refusal('CONFLICT', reservation);
    const fields = draft as EventTypeFields;
    const about = { action: 'event_type.created', targetId: name, fields } as const;
    const catalogue = await this.change(by, workspaceId, about, (before) => {
      if (before.find(name) !== undefined)
        throw new Refusal('CONFLICT', `There is an event type "${name}" already; PATCH it to change it.`);
      const now = this.#deps.clock.now();
      const definition = applyDraft(fields, blank);
      return {
        put: [{ name, definition, validation: fields.validation ?? null, createdAt: now, updatedAt: now }],
      };
    });
    return viewEventType(entryIn(catalogue, name), catalogue);
  }

  /** Changes the fields that are given; the rest stays. Of a built-in type only its validation can be set. */
  async update(
    by: Caller,
    workspaceId: string,
    name: string,
    draft: EventTypeDraft,
    found: readonly Mistake[],
  ): Promise<EventTypeView> {
    const about = { action: 'event_type.changed', targetId: name, fields: draft } as const;
    const catalogue = await this.change(by, workspaceId, about, (before) => {
      const entry = entryIn(before, name);
      const mistakes = checkDefinition(draft, entry, found);
      if (mistakes.length > 0) throw invalid(mistakes);
      const fields = draft as EventTypeFields;
      if (entry.isBuiltIn) refuseBuiltIn(name, fields);
      const { validation = entry.validation } = fields;
      const now = this.#deps.clock.now();
      if (entry.isBuiltIn && validation === null) return { remove: [name] };
      const definition = entry.isBuiltIn ? null : applyDraft(fields, entry);
      return { put: [{ name, definition, validation, createdAt: entry.createdAt ?? now, updatedAt: now }] };
    });
    return viewEventType(entryIn(catalogue, name), catalogue);
  }

  /** Subscriptions to it stay; it is an unknown type from now on. */
  async delete(by: Caller, workspaceId: string, name: string): Promise<void> {
    await this.change(by, workspaceId, { action: 'event_type.deleted', targetId: name }, (before) => {
      const { isBuiltIn } = entryIn(before, name);
      if (isBuiltIn)
        throw new Refusal('CONFLICT', `"${name}" is a built-in event type and cannot be deleted.`);
      return { remove: [name] };
    });
  }

  async getSettings(workspaceId: string): Promise<{ validation: ValidationMode }> {
    const { validation } = await this.#deps.catalogues.of(workspaceId);
    return { validation };
  }

  async changeSettings(
    by: Caller,
    workspaceId: string,
    fields: { validation?: ValidationMode },
    found: readonly Mistake[],
  ): Promise<{ validation: ValidationMode }> {
    if (found.length > 0) throw invalid(found);
    const { validation } = fields;
    if (validation !== undefined)
      await this.change(by, workspaceId, { action: 'event_type.changed', fields }, () => ({ validation }));
    return this.getSettings(workspaceId);
  }

  /**
   * Makes a change from the catalogue as it is, and anew when somebody else's came first; answers what it is then.
   * `make` may throw, and is called again for each try. Refuses what would be over the limits.
   */
  async change(
    by: Caller,
    workspaceId: string,
    about: Omit<AuditedChange, 'workspaceId'>,
    make: (before: WorkspaceCatalogue) => CatalogueChange,
  ): Promise<WorkspaceCatalogue> {
    const { store, catalogues } = this.#deps;
    for (let tried = 0; tried < TRIES; tried++) {
      const before = await catalogues.read(workspaceId);
      const change = make(before);
      const isChange = change.validation !== undefined || change.put?.length || change.remove?.length;
      if (!isChange) return before;
      refuseTooMuch(before, change);
      const audit = auditEntry(this.#deps, by, { ...about, workspaceId });
      if (await store.changeCatalogue(workspaceId, before.version, change, audit))
        return catalogues.read(workspaceId);
    }
    throw new Refusal('UNAVAILABLE', 'The catalogue is being changed by others; try again.', {
      retryAfterS: 1,
    });
  }
}

function entryIn(catalogue: WorkspaceCatalogue, name: string): CatalogueEntry {
  const entry = catalogue.find(name);
  if (entry === undefined) throw new Refusal('NOT_FOUND', 'There is no such event type in the catalogue.');
  return entry;
}

function isWanted(
  entry: CatalogueEntry,
  { category, deprecated, builtIn, search = '' }: EventTypeQuery,
): boolean {
  const part = search.toLowerCase();
  return (
    (category === undefined || entry.category === category) &&
    (deprecated === undefined || entry.deprecated === deprecated) &&
    (builtIn === undefined || entry.isBuiltIn === builtIn) &&
    (entry.name.toLowerCase().includes(part) || entry.description.toLowerCase().includes(part))
  );
}

function refuseBuiltIn(name: string, { validation, ...others }: EventTypeFields): void {
  if (Object.keys(others).length > 0)
    throw new Refusal('CONFLICT', `"${name}" is a built-in event type: only its validation can be set.`);
  if (validation !== undefined && isReservedType(name))
    throw new Refusal('CONFLICT', `"${name}" is published by Velahook itself: nothing of it is validated.`);
}

/** Throws a 409 when the workspace would have too many types, or too large ones. */
export function refuseTooMuch(before: WorkspaceCatalogue, { put = [], remove = [] }: CatalogueChange): void {
  const after = new Map<string, StoredEventType>(before.stored);
  for (const name of remove) after.delete(name);
  for (const type of put) after.set(type.name, type);
  const own = [...after.values()].filter(({ definition }) => definition !== null);
  if (put.length > 0 && own.length > EVENT_TYPES_MAX)
    throw new Refusal(
      'CONFLICT',
      `A workspace may have ${EVENT_TYPES_MAX} event types of its own; delete some that nobody uses.`,
    );
  if (put.length > 0 && own.reduce((sum, type) => sum + bytesOf(type), 0) > CATALOGUE_BYTES_MAX)
    throw new Refusal(
      'CONFLICT',
      `The event types of a workspace may have ${CATALOGUE_BYTES_MAX} bytes together; shorten schemas or examples.`,
    );
}

/** By code unit: the same order on every machine, whatever its locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
