import { findCatalogued } from '../../domain/catalogue.ts';
import type { EventTypeDefinition, ValidationMode } from '../../domain/catalogue/event-type-definition.ts';
import {
  CATEGORY_FORM,
  DEPRECATION_NOTE_CHARS_MAX,
  EXAMPLE_BYTES_MAX,
  TYPE_DESCRIPTION_CHARS_MAX,
} from '../../domain/catalogue/event-type-definition.ts';
import type { Mistake } from '../../domain/errors.ts';
import { isEventType, isReservedType } from '../../domain/event-type.ts';
import { checkSchema } from '../../domain/json-schema/check-schema.ts';
import { DataSchema } from '../../domain/json-schema/data-schema.ts';
import { isObject } from '../../domain/json-schema/node.ts';

/** What a client may set of an event type; null takes away what is there. */
export interface EventTypeFields extends Partial<EventTypeDefinition> {
  validation?: ValidationMode | null;
}

/** Fields as a client sent them: any of them may be missing or of the wrong type. */
export type EventTypeDraft = { readonly [K in keyof EventTypeFields]?: unknown } & {
  readonly name?: unknown;
};

const CATEGORY_RULE = 'must be 1 to 64 of A-Z, a-z, 0-9, _ and -';

/** Why nobody may have a type of this name of their own; undefined if they may. */
export function mistakeInName(name: string): string | undefined {
  if (isEventType(name)) return undefined;
  return 'must be two or more parts of A-Z, a-z, 0-9, _ and - joined by dots, such as shop.order.paid, at most 128 characters';
}

/** Why a name is taken by Velahook itself; undefined if it is not. */
export function reservationOf(name: string): string | undefined {
  if (isReservedType(name)) return "Types under webhook. are Velahook's own: choose another name.";
  if (findCatalogued(name) !== undefined)
    return `"${name}" is a built-in event type. It can be used as it is; PATCH it to set its validation.`;
  return undefined;
}

/**
 * Checks what the HTTP schema cannot say, of the type as it would be: `before` with the draft's fields. Adds to the
 * mistakes that schema found, so that a client is told everything at once; a field that has one already is not judged.
 */
export function checkDefinition(
  draft: EventTypeDraft,
  before: EventTypeDefinition,
  found: readonly Mistake[],
): Mistake[] {
  const reported = new Set(found.map(({ path }) => path.split(/[.[]/, 1)[0]));
  const fieldOf = <K extends keyof EventTypeDefinition>(key: K): EventTypeDefinition[K] =>
    reported.has(key) || draft[key] === undefined ? before[key] : (draft[key] as EventTypeDefinition[K]);
  const mistakes: Mistake[] = [...found];
  if (!CATEGORY_FORM.test(fieldOf('category'))) mistakes.push({ path: 'category', message: CATEGORY_RULE });
  const replacedBy = fieldOf('replacedBy');
  if (replacedBy !== null && !isEventType(replacedBy))
    mistakes.push({ path: 'replacedBy', message: 'must be an event type, such as shop.order.paid' });
  const schema = fieldOf('schema');
  const wrong = schema === null || schema === before.schema ? [] : checkSchema(schema, 'schema');
  mistakes.push(...wrong, ...checkExample(fieldOf('example'), wrong.length > 0 ? null : schema));
  return mistakes;
}

function checkExample(
  example: EventTypeDefinition['example'],
  schema: EventTypeDefinition['schema'],
): Mistake[] {
  if (example === null) return [];
  if (Buffer.byteLength(JSON.stringify(example)) > EXAMPLE_BYTES_MAX)
    return [{ path: 'example', message: `must be at most ${EXAMPLE_BYTES_MAX} bytes of JSON` }];
  return schema === null ? [] : new DataSchema(schema).check(example, 'example').mistakes;
}

/** What an HTTP schema would say of a draft that came by another way; its texts are known to be texts. */
export function checkShape({ description, deprecationNote, example }: EventTypeDraft): Mistake[] {
  const mistakes: Mistake[] = [];
  const isLong = (text: unknown, max: number): boolean => typeof text === 'string' && text.length > max;
  if (isLong(description, TYPE_DESCRIPTION_CHARS_MAX))
    mistakes.push({
      path: 'description',
      message: `must have at most ${TYPE_DESCRIPTION_CHARS_MAX} characters`,
    });
  if (isLong(deprecationNote, DEPRECATION_NOTE_CHARS_MAX))
    mistakes.push({
      path: 'deprecationNote',
      message: `must have at most ${DEPRECATION_NOTE_CHARS_MAX} characters`,
    });
  if (example !== null && !isObject(example))
    mistakes.push({ path: 'example', message: 'must be a JSON object' });
  return mistakes;
}

/** The type as it would be: a draft that has no mistakes, on top of what there was. */
export function applyDraft(draft: EventTypeFields, before: EventTypeDefinition): EventTypeDefinition {
  return {
    category: draft.category ?? before.category,
    description: draft.description ?? before.description,
    schema: draft.schema === undefined ? before.schema : draft.schema,
    example: draft.example === undefined ? before.example : draft.example,
    deprecated: draft.deprecated ?? before.deprecated,
    deprecationNote: draft.deprecationNote === undefined ? before.deprecationNote : draft.deprecationNote,
    replacedBy: draft.replacedBy === undefined ? before.replacedBy : draft.replacedBy,
  };
}

/** A type of which nothing has been said yet; its category is its name's first part. */
export function blankDefinition(name: string): EventTypeDefinition {
  return {
    category: name.split('.', 1)[0] ?? '',
    description: '',
    schema: null,
    example: null,
    deprecated: false,
    deprecationNote: null,
    replacedBy: null,
  };
}
