import { createMemoryHistory, RouterProvider, type RouterHistory } from '@tanstack/react-router';
import { useMemo } from 'react';
import { AccessContext, type Access } from './access/access.ts';
import { basePathOf, placeOf, portalPathOf } from './access/place.ts';
import { createPages } from './router.tsx';

/** The pages of one workspace. */
export function Pages({ access }: { access: Access }) {
  const { workspaceId, kind } = access;
  const router = useMemo(
    () =>
      kind === 'portal'
        ? createPages({ history: portalHistory(workspaceId) })
        : createPages({ basepath: moveInto(workspaceId) }),
    [kind, workspaceId],
  );
  return (
    <AccessContext value={access}>
      <RouterProvider router={router} />
    </AccessContext>
  );
}

/** Has the address name this workspace: what named another one leads to the first page, what named none to its page here. */
function moveInto(workspaceId: string): string {
  const base = basePathOf(workspaceId);
  const { pathname, search } = window.location;
  const place = placeOf(window.location);
  if (place.kind === 'dashboard' && place.workspaceId !== workspaceId)
    window.history.replaceState(null, '', place.workspaceId === null ? `${base}${pathname}${search}` : base);
  return base;
}

/**
 * In a portal the place within the pages is kept in memory: the address of the frame is the link that it was opened with,
 * so that it can be loaded again. A page that is opened in another tab has the link's code in its address, too.
 */
function portalHistory(workspaceId: string): RouterHistory {
  const base = portalPathOf(workspaceId);
  const { pathname, search, hash } = window.location;
  const opened = `/${pathname.slice(base.length).replace(/^\//, '')}${search}`;
  const history = createMemoryHistory({ initialEntries: [opened] });
  return Object.assign(history, { createHref: (path: string) => `${base}${path}${hash}` });
}
