import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify';
import type { Mistake } from '../domain/errors.ts';
import { invalid, Refusal } from '../domain/errors.ts';
import { quotable } from '../domain/json-object.ts';
import { parseTimestamp, TIMESTAMP_RULE } from '../domain/timestamp.ts';

/** Fields of answers that clients send back by mistake or try to forge. */
const READ_ONLY: ReadonlySet<string> = new Set([
  '_id',
  'id',
  'workspaceId',
  'createdAt',
  'updatedAt',
  'hasSecret',
  'secretHint',
  'status',
  'deactivatedAt',
  'deactivationReason',
  'warnings',
]);

/**
 * Compiles schemas: bodies are taken as they are, nothing coerced and nothing removed, so that a mistake is
 * reported and never repaired by a guess; query and path are text on the wire, and are read into numbers.
 */
export function createSchemaCompiler(): FastifySchemaCompiler<object> {
  const bodies = createAjv({ coerceTypes: false, useDefaults: false });
  const texts = createAjv({ coerceTypes: true, useDefaults: true });
  return ({ schema, httpPart }) => (httpPart === 'body' ? bodies : texts).compile(schema);
}

function createAjv(options: { coerceTypes: boolean; useDefaults: boolean }): Ajv {
  const ajv = new Ajv({ ...options, allErrors: true, removeAdditional: false, allowUnionTypes: true });
  ajv.addFormat('date-time', { type: 'string', validate: (text) => parseTimestamp(text) !== undefined });
  return ajv;
}

/** What the schema found wrong with the body of a route that has `attachValidation`. */
export function mistakesIn(request: FastifyRequest): Mistake[] {
  return mistakesOf(request.validationError?.validation ?? []);
}

/**
 * The body of a route that has `attachValidation`, where whatever is wrong with it is for the schema to find; throws all
 * of that.
 */
export function bodyOf<T>(request: { body: T; validationError?: FastifyRequest['validationError'] }): T {
  const mistakes = mistakesOf(request.validationError?.validation ?? []);
  if (mistakes.length > 0) throw invalid(mistakes);
  return request.body;
}

/** A mistake in the query is a 400 at once. */
export function refuseQuery(errors: readonly Partial<ErrorObject>[]): Refusal {
  const mistakes = mistakesOf(errors);
  const sentences = mistakes.map(({ path, message }) => `${path} ${message}`).slice(0, 5);
  return new Refusal('BAD_REQUEST', `The query is not right: ${sentences.join('; ')}.`, { mistakes });
}

function mistakesOf(errors: readonly Partial<ErrorObject>[]): Mistake[] {
  return errors.map((error) => {
    const at = pathOf(error.instancePath ?? '');
    const { missingProperty, additionalProperty } = (error.params ?? {}) as Record<string, unknown>;
    if (typeof missingProperty === 'string')
      return { path: join(at, missingProperty), message: 'is required' };
    if (typeof additionalProperty === 'string') {
      const message = READ_ONLY.has(additionalProperty) ? 'cannot be set' : 'is not a field of this request';
      return { path: join(at, quotable(additionalProperty)), message };
    }
    return { path: at === '' ? 'body' : at, message: messageOf(error) };
  });
}

function messageOf(error: Partial<ErrorObject>): string {
  const params = (error.params ?? {}) as Record<string, unknown>;
  switch (error.keyword) {
    case 'type':
      return `must be ${wordsFor(params['type'])}`;
    case 'enum':
      return `must be one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}`;
    case 'minLength':
    case 'minItems':
      return `must have at least ${String(params['limit'])} ${error.keyword === 'minItems' ? 'entries' : 'characters'}`;
    case 'maxLength':
    case 'maxItems':
      return `must have at most ${String(params['limit'])} ${error.keyword === 'maxItems' ? 'entries' : 'characters'}`;
    case 'minimum':
      return `must be at least ${String(params['limit'])}`;
    case 'maximum':
      return `must be at most ${String(params['limit'])}`;
    case 'pattern':
      return 'must be printable ASCII characters';
    case 'format':
      return TIMESTAMP_RULE;
    default:
      return error.message ?? 'is not valid';
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a list',
  null: 'null',
};

function wordsFor(type: unknown): string {
  const types = Array.isArray(type) ? (type as unknown[]) : String(type).split(',');
  return types.map((each) => TYPE_WORDS[String(each)] ?? String(each)).join(' or ');
}

/** `events[2]` of the JSON pointer `/events/2`. */
function pathOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => quotable(part.replaceAll('~1', '/').replaceAll('~0', '~')))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : join(path, part)), '');
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
