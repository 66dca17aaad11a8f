import swagger from '@fastify/swagger';
import type { Api } from './schemas.ts';

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
        },
      },
      security: [{ token: [], workspace: [] }],
    },
  });
}
