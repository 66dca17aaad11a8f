import { Type } from 'typebox';
import type { CatalogueExchange } from '../../management/catalogue/catalogue-exchange.ts';
import { callerOf } from '../caller.ts';
import type { Api } from '../schemas.ts';
import { FAILURES, ok, oneOf, success } from '../schemas.ts';

/** A workspace's whole catalogue, exported, and twice that. */
const DOCUMENT_BYTES_MAX = 4 * 1024 * 1024;

const Document = Type.Object(
  {},
  { additionalProperties: true, description: 'A document of OpenAPI 3.1 with `webhooks`' },
);

const Results = Type.Object({
  dryRun: Type.Boolean(),
  created: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer(),
  refused: Type.Integer(),
  results: Type.Array(
    Type.Object({
      name: Type.String(),
      result: oneOf(['created', 'changed', 'unchanged', 'refused']),
      errors: Type.Optional(
        Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
          description: 'Why it was refused',
        }),
      ),
    }),
    { description: 'One for each webhook, in the order of the document' },
  ),
});

/** The catalogue as OpenAPI. No event type is called `import` or `export`: names have two parts. */
export function addEventTypeExchangeRoutes(api: Api, exchange: CatalogueExchange): void {
  api.post(
    '/event-types/import',
    {
      config: { scope: 'catalogue:write', rate: 'write' },
      bodyLimit: DOCUMENT_BYTES_MAX,
      schema: {
        operationId: 'importEventTypes',
        summary: 'Import event types from OpenAPI',
        description:
          'Takes the `webhooks` of a document: what is missing is created, what differs is changed, what the ' +
          'document does not name stays. References are followed within the document; nothing is fetched.',
        tags: ['event types'],
        querystring: Type.Object(
          {
            dryRun: Type.Boolean({ default: false, description: 'Tell what would be done, and do nothing' }),
          },
          { additionalProperties: false },
        ),
        body: Document,
        response: { 200: success(Results), ...FAILURES },
      },
    },
    async (request) => {
      const { workspaceId, body, query } = request;
      const results = await exchange.import(callerOf(request), workspaceId, body, query.dryRun);
      const count = (wanted: string): number => results.filter(({ result }) => result === wanted).length;
      const counts = {
        created: count('created'),
        changed: count('changed'),
        unchanged: count('unchanged'),
        refused: count('refused'),
      };
      return ok({ dryRun: query.dryRun, ...counts, results });
    },
  );

  api.get(
    '/event-types/export',
    {
      config: { scope: 'events:read', rate: 'read' },
      schema: {
        operationId: 'exportEventTypes',
        summary: 'Export the catalogue as OpenAPI',
        description:
          'The document itself, with an event type in each of its `webhooks`: for generators of types and ' +
          'documentation, and to be imported elsewhere.',
        tags: ['event types'],
        response: { 200: Document, ...FAILURES },
      },
    },
    async ({ workspaceId }) => exchange.export(workspaceId),
  );
}
