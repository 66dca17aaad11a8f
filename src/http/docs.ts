import swaggerUi from '@fastify/swagger-ui';
import type { Api } from './schemas.ts';

const PATH = '/docs';

/**
 * Everything comes from here and goes here: the reader works without a network, and nobody hears that it is read. The
 * library sets styles on elements, which only `'unsafe-inline'` allows; scripts are files.
 */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><text x="0" y="27" font-family="sans-serif"
font-size="22" fill="#fff">Velahook</text></svg>`;

/** `GET /docs`: a reader for the document that {@link describeApi} collects. */
export function addDocs(server: Api): void {
  server.register(swaggerUi, {
    routePrefix: PATH,
    staticCSP: POLICY,
    logo: { type: 'image/svg+xml', content: LOGO, href: PATH },
    theme: { title: 'Velahook API' },
    uiConfig: {
      // Nothing of the document leaves this server, and a token that was typed in is forgotten with the page.
      validatorUrl: null,
      persistAuthorization: false,
      docExpansion: 'list',
      displayOperationId: true,
      displayRequestDuration: true,
    },
  });
}
