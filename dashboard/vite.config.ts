import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defaultClientConditions, defineConfig } from 'vite';

/** Smaller ones gain nothing from it. */
const COMPRESSED_BYTES_MIN = 1024;

/** Compresses what was built once, so that no server does it for each visitor. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async writeBundle({ dir = 'dist' }) {
      const names = await readdir(join(dir, 'assets'));
      await Promise.all(
        names.filter((name) => /\.(?:js|css)$/.test(name)).map((name) => compress(join(dir, 'assets', name))),
      );
    },
  };
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < COMPRESSED_BYTES_MIN) return;
  // The best quality takes three times as long for a hundredth.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 10 };
  await writeFile(`${path}.gz`, await promisify(gzip)(bytes));
  await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, { params }));
}

export default defineConfig({
  plugins: [react(), precompress()],
  resolve: { conditions: ['velahook-source', ...defaultClientConditions] },
  build: {
    target: 'es2023',
    // Those that know light-dark(): it is left as it is.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The policy of the page allows no data: URLs but for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:4000' } },
});
