import { existsSync } from 'node:fs';
import process from 'node:process';

/** Debian's; another one is named in the environment. */
export const CHROMIUM = process.env['VELAHOOK_TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/** Tests in a browser say that they skip where there is none. */
export const HAS_BROWSER = existsSync(CHROMIUM);
