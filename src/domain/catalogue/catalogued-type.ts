import type { EventTypeDefinition } from './event-type-definition.ts';

/** The built-in categories: the services of the documented platform, and `webhook`, Velahook's own events. */
export const CATEGORIES = [
  'inbox',
  'crm',
  'customer',
  'channels',
  'workflow',
  'auth',
  'broadcast',
  'scheduling',
  'webhook',
] as const;

type BuiltInCategory = (typeof CATEGORIES)[number];

/** An event type as the catalogue describes it. */
export interface CataloguedType extends EventTypeDefinition {
  name: string;
}

type Field = Readonly<Record<string, unknown>>;

/** Fields of `data` by name; a name that ends in `?` need not be there. Others than these may always be there, too. */
export type Fields = Readonly<Record<string, Field>>;

/** A type as it is written down: name, description, fields of `data`, example of `data`. */
type WrittenType = readonly [
  name: string,
  description: string,
  fields: Fields,
  example: Readonly<Record<string, unknown>>,
];

/** Types of one category. */
export function category(name: BuiltInCategory, types: readonly WrittenType[]): readonly CataloguedType[] {
  return types.map(([type, description, fields, example]) => ({
    name: type,
    category: name,
    description,
    schema: schemaOf(fields),
    example,
    deprecated: false,
    deprecationNote: null,
    replacedBy: null,
  }));
}

/** Open, so that fields can be added later without breaking anybody. */
function schemaOf(fields: Fields): Readonly<Record<string, unknown>> {
  const names = Object.keys(fields);
  return {
    type: 'object',
    required: names.filter((name) => !name.endsWith('?')),
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ''), fields[name]])),
  };
}
