import swagger from '@fastify/swagger';
import type { Api } from './schemas.ts';

/** Of the admin routes: a token that names no workspace. */
export const ADMIN_SECURITY = [{ admin: [] as string[] }];

/** Calls that may come without a body; the generator takes every body that has a schema for required. */
const BODY_OPTIONAL: ReadonlySet<string | undefined> = new Set([
  'testSubscription',
  'replayEvent',
  'rotateSecret',
]);

/** Collects the routes' schemas for `/openapi.json`; to be called before any route is added. */
export function describeApi(server: Api): void {
  server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Velahook',
        version: '1',
        description: 'Publish events; every subscription gets them, signed, over HTTPS, retried for a day.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token of the workspace' },
          workspace: { type: 'apiKey', in: 'header', name: 'x-workspace-id' },
          admin: { type: 'http', scheme: 'bearer', description: 'The admin token' },
        },
      },
      security: [{ token: [], workspace: [] }],
    },
    transformObject(generated) {
      if (!('openapiObject' in generated)) return generated.swaggerObject;
      const { openapiObject } = generated;
      const operations = Object.values(openapiObject.paths ?? {}).map((path) => path?.post);
      for (const { operationId, requestBody } of operations.filter((post) => post !== undefined)) {
        const isOptional = BODY_OPTIONAL.has(operationId);
        if (isOptional && requestBody !== undefined && 'required' in requestBody)
          requestBody.required = false;
      }
      return openapiObject;
    },
  });
}
