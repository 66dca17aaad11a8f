import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HAS_BROWSER } from '../support/chromium.ts';

const ASSETS = join(import.meta.dirname, '../../dashboard/dist/assets');
const BYTES_MAX = 300_000;

// It is built for the tests in a browser, where there is one.
describe.skipIf(!HAS_BROWSER)('the dashboard', () => {
  it('is under 300 KB, all of its scripts and styles together, compressed', () => {
    const files = readdirSync(ASSETS).filter((name) => /\.(?:js|css)$/.test(name));
    expect(files.length).toBeGreaterThan(0);
    const bytes = files.map((name) => gzipSync(readFileSync(join(ASSETS, name))).length);
    expect(bytes.reduce((sum, one) => sum + one)).toBeLessThan(BYTES_MAX);
  });
});
