import type { JsonSchema } from './schema-arbitrary.ts';

/** One operation of an OpenAPI document, with what its requests and answers are said to look like. */
export interface Operation {
  id: string;
  method: string;
  /** As in the document: `/api/v1/events/{eventId}`. */
  path: string;
  parameters: Parameter[];
  /** Undefined when it takes no JSON body. */
  body: JsonSchema | undefined;
  isBodyRequired: boolean;
  /** The names of the security schemes it asks for, all at once. */
  security: string[];
  /** By status (`200`, `4XX`) and then content type; undefined where nothing is said of the content. */
  answers: Record<string, Record<string, JsonSchema | undefined>>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: JsonSchema;
}

interface Content {
  schema?: JsonSchema;
}

interface RawOperation {
  operationId?: string;
  parameters?: { name: string; in: Parameter['in']; required?: boolean; schema?: JsonSchema }[];
  requestBody?: { required?: boolean; content?: Record<string, Content> };
  responses: Record<string, { content?: Record<string, Content> }>;
  security?: Record<string, string[]>[];
}

export interface OpenApiDocument {
  security?: Record<string, string[]>[];
  paths: Record<string, Record<string, RawOperation>>;
}

/** All operations of a document whose schemas are written out where they are used. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => ({
      id: raw.operationId ?? `${method} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters: (raw.parameters ?? []).map((each) => ({
        name: each.name,
        in: each.in,
        required: each.required ?? false,
        schema: each.schema ?? {},
      })),
      body: raw.requestBody?.content?.['application/json']?.schema,
      isBodyRequired: raw.requestBody?.required ?? false,
      security: Object.keys((raw.security ?? document.security ?? [])[0] ?? {}),
      answers: Object.fromEntries(
        Object.entries(raw.responses).map(([status, { content = {} }]) => [
          status.toUpperCase(),
          Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, schema])),
        ]),
      ),
    })),
  );
}
