/** What the value of a keyword must look like; those of `schema…` hold further schemas. */
export type Form =
  | 'schema'
  | 'schemas'
  | 'schemasByName'
  | 'schemasByPattern'
  | 'reference'
  | 'pattern'
  | 'type'
  | 'number'
  | 'positive'
  | 'count'
  | 'boolean'
  | 'string'
  | 'list'
  | 'choices'
  | 'names'
  | 'namesByName'
  | 'any'
  | 'dialect'
  | 'refused';

/**
 * The keywords of JSON Schema 2020-12. Those refused make a document of several, or change what a reference leads to
 * as it is followed: one schema of one event type needs neither. Any other keyword is an annotation, as it says there.
 */
export const KEYWORD_FORMS: Readonly<Record<string, Form>> = {
  $schema: 'dialect',
  $ref: 'reference',
  $defs: 'schemasByName',
  definitions: 'schemasByName',
  $comment: 'string',
  $id: 'refused',
  $anchor: 'refused',
  $dynamicRef: 'refused',
  $dynamicAnchor: 'refused',
  $recursiveRef: 'refused',
  $recursiveAnchor: 'refused',
  $vocabulary: 'refused',
  type: 'type',
  enum: 'choices',
  const: 'any',
  multipleOf: 'positive',
  maximum: 'number',
  exclusiveMaximum: 'number',
  minimum: 'number',
  exclusiveMinimum: 'number',
  maxLength: 'count',
  minLength: 'count',
  pattern: 'pattern',
  maxItems: 'count',
  minItems: 'count',
  uniqueItems: 'boolean',
  maxContains: 'count',
  minContains: 'count',
  maxProperties: 'count',
  minProperties: 'count',
  required: 'names',
  dependentRequired: 'namesByName',
  prefixItems: 'schemas',
  items: 'schema',
  contains: 'schema',
  additionalProperties: 'schema',
  properties: 'schemasByName',
  patternProperties: 'schemasByPattern',
  dependentSchemas: 'schemasByName',
  propertyNames: 'schema',
  if: 'schema',
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; nobody awaits this table.
  then: 'schema',
  else: 'schema',
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  not: 'schema',
  unevaluatedItems: 'schema',
  unevaluatedProperties: 'schema',
  format: 'string',
  contentEncoding: 'string',
  contentMediaType: 'string',
  contentSchema: 'schema',
  title: 'string',
  description: 'string',
  default: 'any',
  deprecated: 'boolean',
  readOnly: 'boolean',
  writeOnly: 'boolean',
  examples: 'list',
};

/** Keywords whose schemas are about the same value, not about a part of it: with `$ref`, they can lead in a circle. */
export const SAME_VALUE_KEYWORDS: ReadonlySet<string> = new Set([
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentSchemas',
]);

export const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
export const TYPE_NAMES: ReadonlySet<unknown> = new Set([
  'null',
  'boolean',
  'object',
  'array',
  'number',
  'string',
  'integer',
]);
