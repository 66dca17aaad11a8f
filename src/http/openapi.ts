import swagger from '@fastify/swagger';
import { ANTI_FORGERY_HEADER } from './forgery.ts';
import type { Api } from './schemas.ts';

/** Of the admin routes: a token that names no workspace. */
export const ADMIN_SECURITY = [{ admin: [] as string[] }];

/** Of the routes about the session itself; the others take it in place of a token. */
export const SESSION_SECURITY = [{ session: [] as string[] }];

/** Calls that may come without a body; the generator takes every body that has a schema for required. */
const BODY_OPTIONAL: ReadonlySet<string | undefined> = new Set([
  'testSubscription',
  'replayEvent',
  'rotateSecret',
  'createPortalLink',
]);

/** Collects the routes' schemas for `/openapi.json`; to be called before any route is added. */
export function describeApi(server: Api, cookieName: string): void {
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
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: cookieName,
            description: `Of the dashboard, in place of a token; changes need ${ANTI_FORGERY_HEADER} besides`,
          },
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
