import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

// Builds the dashboard unless what is built is newer than all it is made of: every start asks.

const FOLDER = import.meta.dirname;
const BUILT = join(FOLDER, 'dist/index.html');
const SOURCES = [
  'src',
  'public',
  'plugins',
  '../sdk/src',
  'index.html',
  'package.json',
  'vite.config.ts',
  '../package-lock.json',
];

if (changedAt(BUILT) < Math.max(...SOURCES.map((source) => changedAt(join(FOLDER, source))))) {
  // Not needed, and not loaded, where it is fresh.
  const { build } = await import('vite');
  // Whatever it is where this runs: React's development build is twice as large, and slow.
  process.env['NODE_ENV'] = 'production';
  await build({ root: FOLDER, logLevel: 'warn' });
}

/** In milliseconds since the Unix epoch: of a folder, what changed last in it; 0 where there is nothing. */
function changedAt(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => changedAt(join(path, name))));
}
