import type { Mistake } from './errors.ts';
import { URL_CHARS_MAX } from './subscription.ts';
import type { Scope } from './token.ts';

/** What a link to the portal may let somebody do: nothing about the workspace itself, its tokens or its audit log. */
export const PORTAL_SCOPES = [
  'integrations:read',
  'integrations:write',
  'events:read',
  'deliveries:read',
  'deliveries:write',
] as const satisfies readonly Scope[];

export type PortalScope = (typeof PORTAL_SCOPES)[number];

/** What it lets somebody do unless it is told: replaying is for whoever is trusted with it. */
export const PORTAL_SCOPES_DEFAULT: readonly PortalScope[] = PORTAL_SCOPES.filter(
  (scope) => scope !== 'deliveries:write',
);

/** How the portal looks, and who may frame it. */
export interface PortalSettings {
  /** Origins of the pages that may show it in a frame. */
  frameAncestors: string[];
  title: string | null;
  logoUrl: string | null;
  primaryColor: string | null;
}

/** All of them go into a header of every page of the portal. */
export const FRAME_ANCESTORS_MAX = 10;
/** One line at the top of a page. */
export const PORTAL_TITLE_CHARS_MAX = 100;

const COLOR_FORM = /^#[0-9a-f]{6}$/i;
/**
 * Stricter than the URL standard, whose host names may have a `;` or a comma in them: what is stored here becomes part of
 * a Content-Security-Policy, and must not end it and begin another.
 */
const HOST_FORM = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Nothing that breaks a line or is not seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** What is wrong with settings but the types of their members, and how many there are of them: a schema says that. */
export function mistakesInPortal(portal: { readonly [K in keyof PortalSettings]?: unknown }): Mistake[] {
  const { frameAncestors, title, logoUrl, primaryColor } = portal;
  const origins: readonly unknown[] = Array.isArray(frameAncestors) ? frameAncestors : [];
  const mistakes = origins.slice(0, FRAME_ANCESTORS_MAX).flatMap((text, i): Mistake[] => {
    const path = `portal.frameAncestors[${i}]`;
    if (typeof text !== 'string') return [];
    if (origins.indexOf(text) < i) return [{ path, message: 'is there already' }];
    if (isFrameAncestor(text)) return [];
    return [
      {
        path,
        message:
          'must be an origin in lower case: https://app.example.com, or http://localhost:3000 in development',
      },
    ];
  });
  if (typeof title === 'string' && (title.trim() === '' || UNSEEN.test(title)))
    mistakes.push({ path: 'portal.title', message: 'must be a line of text, or null' });
  if (typeof logoUrl === 'string' && logoOriginOf(logoUrl) === undefined)
    mistakes.push({
      path: 'portal.logoUrl',
      message: `must be an https URL of at most ${URL_CHARS_MAX} characters, without credentials, or null`,
    });
  if (typeof primaryColor === 'string' && !COLOR_FORM.test(primaryColor))
    mistakes.push({ path: 'portal.primaryColor', message: 'must be a colour such as #1f6feb, or null' });
  return mistakes;
}

function isFrameAncestor(text: string): boolean {
  const url = URL.parse(text);
  // An origin, and written as one: with a path, in capitals or with the default port it would match nothing.
  if (url === null || url.origin !== text || !HOST_FORM.test(url.hostname)) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === 'localhost');
}

/** Where the logo comes from, if its URL is one that may be. */
export function logoOriginOf(text: string): string | undefined {
  const url = text.length > URL_CHARS_MAX || UNSEEN.test(text) ? null : URL.parse(text);
  const isGood =
    url?.protocol === 'https:' && HOST_FORM.test(url.hostname) && url.username === '' && url.password === '';
  return isGood ? url.origin : undefined;
}
