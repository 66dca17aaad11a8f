import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { HAS_BROWSER } from './chromium.ts';

/** Once for a run, before any test that looks at the pages: nothing to do where what is built is fresh. */
export default async function setup(): Promise<void> {
  if (!HAS_BROWSER) return;
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../dashboard/build.ts')]);
}
