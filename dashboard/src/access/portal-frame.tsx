import { MantineProvider } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { readableGreys, readableIn, themeOf } from '../theme.ts';
import { styleNonce } from '../parts/nonce.ts';
import type { Access } from './access.ts';

/** The pages in a platform's own colour. */
export function PortalFrame({ access, children }: { access: Access; children: ReactNode }) {
  const color = access.portal?.primaryColor ?? undefined;
  const theme = useMemo(() => themeOf(color), [color]);
  const resolver = useMemo(() => (color === undefined ? readableGreys : readableIn(color)), [color]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolver}
      deduplicateCssVariables={false}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      {children}
    </MantineProvider>
  );
}
