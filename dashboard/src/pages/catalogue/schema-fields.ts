/** A field of `data` as a table shows it. */
export interface SchemaField {
  /** Where it is: unique within its schema. */
  path: string;
  name: string;
  /** How far within others. */
  depth: number;
  type: string;
  isRequired: boolean;
  description: string;
  /** What else its value must be: "at least 1", "one of …". */
  limits: string;
}

type Schema = Readonly<Record<string, unknown>>;

/** Deeper than anybody reads; it also ends what contains itself by ways that are not followed. */
const DEPTH_MAX = 8;
/** Lists of lists, and alternatives of alternatives: the same for what adds no depth. */
const TURNS_MAX = 4;
/** So that a schema with many shared parts does not unfold without end. */
const FIELDS_MAX = 1_000;

/**
 * The fields that a JSON Schema describes, each before those within it. What a table has no room for (conditions,
 * negation) is in the schema itself, which is shown beside it.
 */
export function fieldsOf(schema: Schema): SchemaField[] {
  const fields: SchemaField[] = [];
  const add = (place: Schema, path: string, depth: number, opened: readonly string[]): void => {
    if (depth > DEPTH_MAX) return;
    for (const [name, child, isRequired] of childrenOf(place, schema)) {
      if (fields.length >= FIELDS_MAX) return;
      const known = resolve(child, schema);
      const at = `${path}/${name}`;
      fields.push({
        path: at,
        name,
        depth,
        type: typeOf(known, schema),
        isRequired,
        description: textOf(known['description'] ?? known['title']),
        limits: limitsOf(known),
      });
      const target = targetOf(child);
      // What contains itself is told once.
      if (target === undefined) add(known, at, depth + 1, opened);
      else if (!opened.includes(target)) add(known, at, depth + 1, [...opened, target]);
    }
  };
  add(resolve(schema, schema), '', 0, ['#']);
  return fields;
}

type Child = readonly [name: string, schema: Schema, isRequired: boolean];

/** What is one level within a schema: of its alternatives, all. */
function childrenOf(schema: Schema, root: Schema, turns = 0): Child[] {
  if (turns > TURNS_MAX) return [];
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const named = Object.entries(objectOf(schema['properties'])).map(([name, child]): Child => [
    name,
    objectOf(child),
    required.has(name),
  ]);
  const others = schema['additionalProperties'];
  const any: Child[] =
    isObject(others) && Object.keys(others).length > 0 ? [['(any name)', others, false]] : [];
  // The entries of a list have no name of their own: their fields are told at once.
  const entries = isObject(schema['items'])
    ? childrenOf(resolve(schema['items'], root), root, turns + 1)
    : [];
  const within = [...partsOf(schema, 'allOf'), ...partsOf(schema, 'oneOf'), ...partsOf(schema, 'anyOf')];
  const alternatives = within.flatMap((part) => childrenOf(resolve(part, root), root, turns + 1));
  const all = [...named, ...any, ...entries, ...alternatives];
  return all.filter(([name], i) => all.findIndex(([other]) => other === name) === i);
}

/** Where a field's schema, or that of its entries, is written down, if it is elsewhere. */
function targetOf(schema: Schema): string | undefined {
  const target = schema['$ref'] ?? objectOf(schema['items'])['$ref'];
  return typeof target === 'string' ? target : undefined;
}

/** The schema that a reference leads to, with what stands beside it; references lead within the schema only. */
function resolve(schema: Schema, root: Schema, turns = 0): Schema {
  const target = schema['$ref'];
  if (typeof target !== 'string' || !target.startsWith('#') || turns > TURNS_MAX) return schema;
  const steps = decodeURIComponent(target.slice(1)).split('/').slice(1);
  const found = steps.reduce<unknown>(
    (place, step) => objectOf(place)[step.replaceAll('~1', '/').replaceAll('~0', '~')],
    root,
  );
  const { $ref: _reference, ...beside } = schema;
  return { ...resolve(objectOf(found), root, turns + 1), ...beside };
}

function typeOf(schema: Schema, root: Schema, turns = 0): string {
  const { type, format } = schema;
  if (turns > TURNS_MAX) return '…';
  if (Array.isArray(type)) return type.join(' or ');
  if (type === 'array') {
    const entries = isObject(schema['items'])
      ? typeOf(resolve(schema['items'], root), root, turns + 1)
      : 'any';
    return `list of ${entries}`;
  }
  if (typeof type === 'string') return typeof format === 'string' ? `${type} (${format})` : type;
  const alternatives = [...partsOf(schema, 'oneOf'), ...partsOf(schema, 'anyOf')];
  if (alternatives.length > 0)
    return [...new Set(alternatives.map((part) => typeOf(resolve(part, root), root, turns + 1)))].join(
      ' or ',
    );
  return isObject(schema['properties']) ? 'object' : 'any';
}

const LIMITS: readonly (readonly [keyword: string, words: (value: string) => string])[] = [
  ['const', (value) => `always ${value}`],
  ['enum', (value) => `one of ${value}`],
  ['examples', (value) => `such as ${value}`],
  ['minimum', (value) => `at least ${value}`],
  ['exclusiveMinimum', (value) => `more than ${value}`],
  ['maximum', (value) => `at most ${value}`],
  ['exclusiveMaximum', (value) => `less than ${value}`],
  ['multipleOf', (value) => `a multiple of ${value}`],
  ['minLength', (value) => (value === '1' ? 'not empty' : `at least ${value} characters`)],
  ['maxLength', (value) => `at most ${value} characters`],
  ['pattern', (value) => `matches ${value}`],
  ['minItems', (value) => `at least ${value} entries`],
  ['maxItems', (value) => `at most ${value} entries`],
];

function limitsOf(schema: Schema): string {
  return LIMITS.flatMap(([keyword, words]) =>
    schema[keyword] === undefined ? [] : [words(textOf(schema[keyword]))],
  ).join(', ');
}

function partsOf(schema: Schema, keyword: string): Schema[] {
  const parts = schema[keyword];
  return Array.isArray(parts) ? parts.filter(isObject) : [];
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(textOf).join(', ') : JSON.stringify(value);
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown): Schema {
  return isObject(value) ? value : {};
}
