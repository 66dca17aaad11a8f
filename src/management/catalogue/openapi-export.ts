import { KEYWORD_FORMS } from '../../domain/json-schema/keyword-forms.ts';
import type { JsonObject } from '../../domain/json-schema/node.ts';
import { isObject } from '../../domain/json-schema/node.ts';
import { pointerTo } from '../../domain/json-schema/pointer.ts';
import { EXTENSIONS } from './openapi-words.ts';
import type { CatalogueEntry, WorkspaceCatalogue } from './workspace-catalogue.ts';

const SCHEMAS = '#/components/schemas';
/** No event type is called that: names have two parts. */
const ENVELOPE = 'Event';

const HEADERS = [
  ['X-Webhook-Event', 'The event type'],
  ['X-Webhook-Delivery-Id', 'Unique to the attempt'],
  ['webhook-id', 'The eventId: the same in every attempt and replay'],
  ['webhook-timestamp', 'When this attempt was signed, in Unix seconds'],
  ['webhook-signature', 'Signatures as of Standard Webhooks 1.0'],
] as const;

/**
 * The catalogue as a document of OpenAPI 3.1: each event type is a webhook, whose body is what receivers get. What is
 * imported again is what it was.
 */
export function exportCatalogue(catalogue: WorkspaceCatalogue, workspaceId: string): JsonObject {
  const entries = catalogue.list();
  const withSchema = entries.filter(({ schema }) => schema !== null);
  return {
    openapi: '3.1.0',
    info: {
      title: `Events of workspace ${workspaceId}`,
      version: String(catalogue.version),
      description:
        'Each webhook is an event type; its body is what is sent, signed, to every subscription that wants it.',
    },
    tags: [...new Set(entries.map(({ category }) => category))].map((name) => ({ name })),
    webhooks: Object.fromEntries(
      entries.map((entry) => [entry.name, { post: operationOf(entry, workspaceId) }]),
    ),
    components: {
      schemas: Object.fromEntries([
        [ENVELOPE, envelope],
        ...withSchema.map(({ name, schema }) => [name, rebase(schema, pointerTo(SCHEMAS, name))]),
      ]),
      parameters: Object.fromEntries(
        HEADERS.map(([name, description]) => [
          name,
          { name, in: 'header', required: true, description, schema: { type: 'string' } },
        ]),
      ),
    },
  };
}

const envelope = {
  type: 'object',
  description: 'What every event has',
  required: ['eventId', 'eventType', 'timestamp', 'workspaceId', 'data'],
  properties: {
    eventId: {
      type: 'string',
      description: 'The same in every attempt and replay: ignore what you have seen',
    },
    eventType: { type: 'string' },
    timestamp: { type: 'string', format: 'date-time', description: 'When it happened' },
    workspaceId: { type: 'string' },
    data: { type: 'object' },
  },
};

function operationOf(entry: CatalogueEntry, workspaceId: string): JsonObject {
  const { name, category, description, schema, example, deprecated, deprecationNote, replacedBy } = entry;
  const properties = {
    eventType: { const: name },
    data: schema === null ? {} : { $ref: pointerTo(SCHEMAS, name) },
  };
  return {
    tags: [category],
    operationId: name,
    ...(description !== '' && { description }),
    ...(deprecated && { deprecated }),
    ...(deprecationNote !== null && { [EXTENSIONS.deprecationNote]: deprecationNote }),
    ...(replacedBy !== null && { [EXTENSIONS.replacedBy]: replacedBy }),
    ...(entry.validation !== null && { [EXTENSIONS.validation]: entry.validation }),
    parameters: HEADERS.map(([header]) => ({ $ref: pointerTo('#/components/parameters', header) })),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { allOf: [{ $ref: pointerTo(SCHEMAS, ENVELOPE) }], properties },
          ...(example !== null && { example: exampleOf(name, example, workspaceId) }),
        },
      },
    },
    responses: { '2XX': { description: 'Taken. Anything else is tried again.' } },
  };
}

function exampleOf(eventType: string, data: unknown, workspaceId: string): JsonObject {
  const eventId = 'evt_65f1c0a2b7e4d90012ab34cd';
  return { eventId, eventType, timestamp: '2026-03-24T14:30:00.000Z', workspaceId, data };
}

/** The schema as a part of a document: its references lead to where it is there. */
function rebase(schema: unknown, pointer: string): unknown {
  if (!isObject(schema)) return schema;
  const below = (value: unknown): unknown =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, rebase(each, pointer)]))
      : value;
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      const form = Object.hasOwn(KEYWORD_FORMS, keyword) ? KEYWORD_FORMS[keyword] : undefined;
      if (form === 'reference' && typeof value === 'string') return [keyword, `${pointer}${value.slice(1)}`];
      if (form === 'schema') return [keyword, rebase(value, pointer)];
      if (form === 'schemas' && Array.isArray(value))
        return [keyword, value.map((each) => rebase(each, pointer))];
      return [keyword, form?.startsWith('schemasBy') ? below(value) : value];
    }),
  );
}
