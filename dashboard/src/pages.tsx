import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { useMemo } from 'react';
import { AccessContext, type Access } from './access/access.ts';
import { basePathOf, placeOf } from './access/place.ts';
import { createPages } from './router.tsx';

/**
 * The pages of one workspace. In a portal the place within them is kept in memory: the address of the frame is the link
 * that it was opened with, so that it can be loaded again.
 */
export function Pages({ access }: { access: Access }) {
  const { workspaceId, kind } = access;
  const router = useMemo(
    () =>
      kind === 'portal'
        ? createPages({ history: createMemoryHistory({ initialEntries: ['/'] }) })
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
