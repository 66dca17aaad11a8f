/** Where this page was opened. */
export type Place =
  { kind: 'portal'; workspaceId: string; code: string } | { kind: 'dashboard'; workspaceId: string | null };

const PORTAL_FORM = /^\/portal\/([0-9a-f]{24})(?:\/|$)/;
const WORKSPACE_FORM = /^\/w\/([0-9a-f]{24})(?:\/|$)/;

export function placeOf({ pathname, hash }: Pick<Location, 'pathname' | 'hash'>): Place {
  const portal = PORTAL_FORM.exec(pathname)?.[1];
  if (portal !== undefined) return { kind: 'portal', workspaceId: portal, code: hash.slice(1) };
  return { kind: 'dashboard', workspaceId: WORKSPACE_FORM.exec(pathname)?.[1] ?? null };
}

/** All pages of one workspace are below this. */
export function basePathOf(workspaceId: string): string {
  return `/w/${workspaceId}`;
}

/** The same, for whoever came by a link to the portal. */
export function portalPathOf(workspaceId: string): string {
  return `/portal/${workspaceId}`;
}
