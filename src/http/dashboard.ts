import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PortalSettings } from '../domain/portal.ts';
import { logoOriginOf } from '../domain/portal.ts';
import type { Random } from '../lib/random.ts';
import type { Api } from './schemas.ts';

export interface DashboardDeps {
  /** Where the built files are; it need not be there. */
  folder: string;
  portal: { settingsOf(workspaceId: string): Promise<PortalSettings | null> };
  random: Random;
}

/** In the built page, where the nonce of an answer goes. */
const NONCE_PLACE = '__CSP_NONCE__';
const NONCE_BYTES = 16;
/** The names of what is below have a hash of what is in it: another version is another file. */
const ASSETS = '/assets/';
const YEAR_S = 31_536_000;

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Velahook</title>
<h1>The dashboard is not built</h1>
<p>The API works. For the dashboard run <code>npm run build</code> where Velahook is installed, and start it again.</p>
<p><a href="/docs">The reader for the API</a> is there all the same.</p>
</html>
`;

/** Answers the dashboard's page where no route and no file is. */
export interface DashboardPages {
  /** Whether the request asks for a page, on a path that is the dashboard's to make sense of. */
  areFor(request: FastifyRequest): boolean;
  send(request: FastifyRequest, reply: FastifyReply): FastifyReply;
}

/**
 * Serves the dashboard at `/`: its files, each by a route of its own, so that no path leads anywhere else; and one page for
 * every path that it routes by itself, in a policy of its own. The portal is the same page, in a frame for some.
 */
export function addDashboard(server: Api, { folder, portal, random }: DashboardDeps): DashboardPages {
  const page = readPage(folder);
  const send = (reply: FastifyReply, settings: PortalSettings | null): FastifyReply => {
    const nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64');
    reply.headers(policyOf(nonce, settings)).type('text/html; charset=utf-8');
    return page === undefined
      ? reply.code(404).send(NOT_BUILT)
      : reply.code(200).send(page.replaceAll(NONCE_PLACE, nonce));
  };
  const hidden = { schema: { hide: true } };
  server.get('/', hidden, (_request, reply) => send(reply, null));
  for (const path of ['/portal/:workspaceId', '/portal/:workspaceId/*'])
    server.get(path, hidden, async (request, reply) => {
      const { workspaceId } = request.params as { workspaceId: string };
      return send(reply, await portal.settingsOf(workspaceId));
    });
  if (page !== undefined) addFiles(server, folder);
  return { areFor, send: (_request, reply) => send(reply, null) };
}

function readPage(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, 'index.html'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function addFiles(server: Api, folder: string): void {
  const files = listFiles(folder);
  server.register(fastifyStatic, {
    root: folder,
    // What is there at the start, by name: nothing else can be asked for.
    wildcard: false,
    // The library follows links when it looks for files, wherever they lead.
    allowedPath: (path) => files.has(path.replace(/^\//, '')),
    index: false,
    globIgnore: ['**/*.{br,gz}', 'index.html'],
    decorateReply: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const isHashed = path.slice(folder.length).replaceAll('\\', '/').startsWith(ASSETS);
      reply.header('cache-control', isHashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
    },
  });
}

/** Below the folder, with `/` on every system; what is only reached by a link is not in it. */
function listFiles(folder: string): ReadonlySet<string> {
  const root = realpathSync(folder);
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const own = paths.filter((path) => {
    const full = join(root, path);
    return existsSync(full) && realpathSync(full) === full;
  });
  return new Set(own.map((path) => path.replaceAll('\\', '/')));
}

function areFor({ method, url, headers }: FastifyRequest): boolean {
  const [path = ''] = url.split('?', 1);
  const isPage = path !== '/api' && !path.startsWith('/api/') && !path.startsWith(ASSETS);
  const isRead = method === 'GET' || method === 'HEAD';
  return isPage && isRead && /\btext\/html\b/i.test(headers.accept ?? '');
}

/** No script but our files, no style but those and what the page marks with its nonce, nothing from or to elsewhere. */
function policyOf(nonce: string, settings: PortalSettings | null): Record<string, string> {
  const ancestors = settings?.frameAncestors ?? [];
  const logo = typeof settings?.logoUrl === 'string' ? logoOriginOf(settings.logoUrl) : undefined;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    ["img-src 'self' data:", ...(logo === undefined ? [] : [logo])].join(' '),
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(' ')}`,
  ];
  return {
    'content-security-policy': policy.join('; '),
    // For browsers that do not know the last of them; it knows no list.
    ...(ancestors.length === 0 && { 'x-frame-options': 'DENY' }),
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
