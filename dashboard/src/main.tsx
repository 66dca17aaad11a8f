import './styles.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { VelahookError } from '@velahook/sdk';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Entry } from './access/entry.tsx';
import { styleNonce } from './parts/nonce.ts';
import { Notices } from './parts/notice.tsx';
import { readableGreys, themeOf } from './theme.ts';

/** What was read so recently is not read again when a page is opened anew; the live stream tells what has changed. */
const FRESH_MS = 5_000;
const RETRIES_MAX = 2;

const queries = new QueryClient({
  defaultOptions: {
    // Whether there is an internet says nothing about a server of one's own.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: FRESH_MS,
      // What was refused will be refused again.
      retry: (count, error) =>
        count < RETRIES_MAX && !(error instanceof VelahookError && error.status >= 400 && error.status < 500),
    },
  },
});

// Where dialogs keep the page behind them from scrolling, a library writes a style; it asks for the nonce by this name.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = styleNonce();

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place for the dashboard.');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={themeOf()}
      cssVariablesResolver={readableGreys}
      deduplicateCssVariables={false}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <Notices />
      <QueryClientProvider client={queries}>
        <Entry />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
