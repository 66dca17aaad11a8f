import { existsSync } from 'node:fs';
import process from 'node:process';

/** Debian's; the one that only runs without a window needs a third less of the processor. */
const DEBIANS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** Another one is named in the environment. */
export const CHROMIUM = process.env['VELAHOOK_TEST_CHROMIUM'] ?? DEBIANS.find(existsSync) ?? '';

/** Tests in a browser say that they skip where there is none. */
export const HAS_BROWSER = existsSync(CHROMIUM);
