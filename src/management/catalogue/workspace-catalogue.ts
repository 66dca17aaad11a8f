import { CATALOGUE, CATALOGUED_NAMES, findCatalogued } from '../../domain/catalogue.ts';
import type { CataloguedType } from '../../domain/catalogue/catalogued-type.ts';
import type { StoredEventType, ValidationMode } from '../../domain/catalogue/event-type-definition.ts';
import { VALIDATION_DEFAULT } from '../../domain/catalogue/event-type-definition.ts';
import type { EventTypeJudge } from '../../domain/event-type.ts';
import { createEventTypeJudge, isReservedType } from '../../domain/event-type.ts';
import { DataSchema } from '../../domain/json-schema/data-schema.ts';
import type { DataFindings } from '../../engine/intake/publish-request.ts';
import type { CatalogueSet } from '../../store/contract/catalogue.ts';

/** There are as many judges as workspaces with types of their own. */
const OWN_VERDICTS_MAX = 500;
/** What a held catalogue weighs beside its types, and each type beside its definition. */
const OVERHEAD_BYTES = 500;
/** A definition as objects and checks takes so many times the bytes of its JSON. */
const BYTES_HELD_PER_BYTE = 6;

/** An event type as one workspace has it. */
export interface CatalogueEntry extends CataloguedType {
  isBuiltIn: boolean;
  /** What the workspace has set for this type; null is its default for all types. */
  validation: ValidationMode | null;
  /** Null where the workspace has said nothing about it. */
  createdAt: number | null;
  updatedAt: number | null;
}

/** What every workspace shares of the built-in types: their compiled schemas. */
const builtInSchemas = new Map<string, DataSchema>();

/** The catalogue of one workspace at one version: the built-in types, and what it has made of it. Never changes. */
export class WorkspaceCatalogue {
  readonly version: number;
  /** The default of types that say nothing else. */
  readonly validation: ValidationMode;
  /** What the workspace has stored, by name. */
  readonly stored: ReadonlyMap<string, StoredEventType>;
  readonly judge: EventTypeJudge;
  /** Roughly what this holds, in bytes. */
  readonly weight: number;
  /** Whether any event is checked with a schema; where none is, publishing asks for nothing more. */
  readonly validates: boolean;
  readonly #schemas = new Map<string, DataSchema>();

  constructor(set: CatalogueSet, builtInJudge: EventTypeJudge, unknown: 'warn' | 'reject') {
    this.version = set.version;
    this.validation = set.validation ?? VALIDATION_DEFAULT;
    this.stored = new Map(set.types.map((type) => [type.name, type]));
    const own = set.types.filter(({ definition }) => definition !== null);
    const names = [...CATALOGUED_NAMES, ...own.map(({ name }) => name)];
    const more = { deprecated: adviceOn(own), verdictsMax: OWN_VERDICTS_MAX };
    this.judge = own.length === 0 ? builtInJudge : createEventTypeJudge(names, unknown, more);
    this.weight = OVERHEAD_BYTES + set.types.reduce((sum, type) => sum + weightOf(type), 0);
    this.validates =
      this.validation !== 'off' || set.types.some(({ validation }) => (validation ?? 'off') !== 'off');
  }

  find(name: string): CatalogueEntry | undefined {
    const stored = this.stored.get(name);
    const type = findCatalogued(name);
    if (type !== undefined) return entryOf(type, true, stored);
    return stored?.definition ? entryOf({ name, ...stored.definition }, false, stored) : undefined;
  }

  /** Built-in types first, in the order of the catalogue. */
  list(): CatalogueEntry[] {
    const own = [...this.stored.values()].flatMap((stored) =>
      stored.definition && findCatalogued(stored.name) === undefined
        ? [entryOf({ name: stored.name, ...stored.definition }, false, stored)]
        : [],
    );
    return [...CATALOGUE.map((type) => entryOf(type, true, this.stored.get(type.name))), ...own];
  }

  /** What is done with `data` that does not fit; nobody publishes Velahook's own events. */
  modeOf(name: string): ValidationMode {
    return isReservedType(name) ? 'off' : (this.stored.get(name)?.validation ?? this.validation);
  }

  /** Checks `data` of an event with its type's schema, as the workspace wants it; undefined where it does not. */
  readonly checkData = (eventType: string, data: Uint8Array): DataFindings | undefined => {
    const mode = this.modeOf(eventType);
    if (mode === 'off') return undefined;
    const schema = this.#schemaOf(eventType);
    if (schema === undefined) return undefined;
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
    const { mistakes } = schema.check(JSON.parse(text), 'data');
    if (mode === 'reject') return { mistakes, warnings: [] };
    return { mistakes: [], warnings: mistakes.map(({ path, message }) => `${path}: ${message}`) };
  };

  /** Compiled when it is first used, since most are not. */
  #schemaOf(name: string): DataSchema | undefined {
    const builtIn = findCatalogued(name);
    const compiled = builtIn === undefined ? this.#schemas : builtInSchemas;
    const known = compiled.get(name);
    const schema = builtIn === undefined ? this.stored.get(name)?.definition?.schema : builtIn.schema;
    if (known !== undefined || !schema) return known;
    const made = new DataSchema(schema);
    compiled.set(name, made);
    return made;
  }
}

/** The rest of a sentence on each deprecated type. */
function adviceOn(own: readonly StoredEventType[]): ReadonlyMap<string, string> {
  return new Map(
    own.flatMap(({ name, definition }) => {
      if (definition?.deprecated !== true) return [];
      const { replacedBy, deprecationNote } = definition;
      const instead = replacedBy === null ? '' : `; use "${replacedBy}" instead`;
      return [[name, `${instead}${deprecationNote === null ? '.' : `: ${deprecationNote}`}`]];
    }),
  );
}

function entryOf(
  type: CataloguedType,
  isBuiltIn: boolean,
  stored: StoredEventType | undefined,
): CatalogueEntry {
  const { validation = null, createdAt = null, updatedAt = null } = stored ?? {};
  return { ...type, isBuiltIn, validation, createdAt, updatedAt };
}

function weightOf(type: StoredEventType): number {
  return OVERHEAD_BYTES + BYTES_HELD_PER_BYTE * bytesOf(type);
}

/** What a type weighs as JSON. */
export function bytesOf({ name, definition }: Pick<StoredEventType, 'name' | 'definition'>): number {
  return name.length + (definition === null ? 0 : Buffer.byteLength(JSON.stringify(definition)));
}
