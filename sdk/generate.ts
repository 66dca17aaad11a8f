import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import openapiTS, { astToString } from 'openapi-typescript';
import type { OpenAPI3 } from 'openapi-typescript';
import { pino } from 'pino';
import { format, resolveConfig } from 'prettier';
import { startApp } from '../src/app.ts';
import { loadSettings } from '../src/config/load.ts';
import type { Log } from '../src/telemetry/log.ts';

// Writes the types of the API's calls from the document that the server itself serves; with `--check` it fails when the
// file is not what it would write.

const FILE = join(import.meta.dirname, 'src/api.gen.ts');

const text = await typesOf(await readDocument());
if (!process.argv.includes('--check')) await writeFile(FILE, text);
else if ((await readFile(FILE, 'utf8').catch(() => '')) !== text) {
  console.error('sdk/src/api.gen.ts is not what the routes say: npm run generate');
  process.exitCode = 1;
}

async function readDocument(): Promise<OpenAPI3> {
  const folder = await mkdtemp(join(tmpdir(), 'velahook-generate-'));
  const settings = loadSettings({ PORT: '0', VELAHOOK_DATA_DIR: folder });
  const app = await startApp(settings, {
    log: pino({ level: 'silent' }) as Log,
    onFatal: (error) => {
      throw error;
    },
  });
  try {
    const response = await fetch(new URL('/openapi.json', app.url));
    return (await response.json()) as OpenAPI3;
  } finally {
    await app.stop();
    await rm(folder, { recursive: true });
  }
}

async function typesOf(document: OpenAPI3): Promise<string> {
  const types = astToString(await openapiTS(document, { alphabetize: false }));
  const head = '// Made by `npm run generate` from the OpenAPI document; not to be edited.\n\n';
  return format(head + types, { ...(await resolveConfig(FILE)), parser: 'typescript' });
}
