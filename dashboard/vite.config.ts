import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { completeStyles } from './plugins/complete-styles.ts';
import { precompress } from './plugins/precompress.ts';
import { usedParts } from './plugins/used-parts.ts';

const SOURCES = join(import.meta.dirname, 'src');
const COMPONENTS = join(import.meta.dirname, '../node_modules/@mantine/core/esm');

export default defineConfig({
  plugins: [
    react(),
    usedParts(SOURCES, COMPONENTS),
    completeStyles(join(SOURCES, 'styles.css')),
    precompress(),
  ],
  resolve: { conditions: ['velahook-source', ...defaultClientConditions] },
  build: {
    target: 'es2023',
    // Those that know light-dark(): it is left as it is.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The policy of the page allows no data: URLs but for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // Three files: what every page needs, the first page, and all others. One for each of them and for what some of
        // them share would be seventy, which compress a tenth worse.
        codeSplitting: {
          groups: [
            { name: 'dashboard', tags: ['$initial'], priority: 2 },
            { name: 'overview', test: /\/src\/pages\/overview\//, priority: 1 },
            { name: 'pages', test: /\/src\/pages\// },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:4000' } },
});
