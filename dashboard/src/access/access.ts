import type { Velahook } from '@velahook/sdk';
import { createContext, use } from 'react';

/** What whoever looks at these pages may do, and where. */
export interface Access {
  client: Velahook;
  workspaceId: string;
  scopes: readonly string[];
  kind: 'workspace' | 'admin' | 'portal';
  /** Who it is, for the menu. */
  name: string;
  portal: Portal | null;
}

/** How a platform's customers see it. */
export interface Portal {
  title: string | null;
  logoUrl: string | null;
  primaryColor: string | null;
}

export const AccessContext = createContext<Access | null>(null);

export function useAccess(): Access {
  const access = use(AccessContext);
  if (access === null) throw new Error('There is no access outside of the signed-in pages.');
  return access;
}

/** Whether a scope is held: what needs another is not offered. */
export function useMay(scope: string): boolean {
  return useAccess().scopes.includes(scope);
}
