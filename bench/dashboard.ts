/**
 * How soon the dashboard's first page is of use, from the navigation until its heading, figures and charts are there: each
 * time in a fresh profile, so that nothing is cached. And how large it is, compressed by gzip. Run it with
 * `npm run bench:dashboard`, while the machine rests; it needs a Chromium.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser } from 'playwright-core';
import { CHROMIUM } from '../test/support/chromium.ts';
import {
  createServerFolder,
  startServerProcess,
  stopServerProcess,
  TOKEN,
  WORKSPACE_ID,
} from '../test/support/server-process.ts';
import { startBenchReceiver } from './support/receiver.ts';
import { startCommand } from './support/start-command.ts';

const RUNS = Number(process.env['BENCH_RUNS'] ?? 7);
const EVENTS = 1_000;
const BUILT = join(import.meta.dirname, '../dashboard/dist');
const WAIT_MS_MAX = 30_000;

/** In the page: resolves with the milliseconds since the navigation began. */
const IS_OF_USE = `new Promise((resolve) => {
  const look = () => {
    const page = document.querySelector('main');
    const isThere = page?.querySelector('h1')?.textContent === 'Overview' && /Latency p50/.test(page.textContent)
      && page.querySelectorAll('canvas').length === 2 && page.querySelector('[aria-label="Loading"]') === null;
    if (isThere) resolve(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})`;

interface Load {
  interactiveMs: number;
  /** Paths of what was asked for, but for calls of the API. */
  files: string[];
}

const receiver = await startBenchReceiver();
const folder = createServerFolder(receiver.ca);
const server = await startServerProcess(folder.environment, startCommand());
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await server.api.subscribe({ url: receiver.url('/'), events: ['*'] });
  const events = Array.from({ length: EVENTS }, (_, n) => ({ eventType: 'crm.lead.created', data: { n } }));
  await server.api.ok('POST', '/events/batch', { events });
  const loads: Load[] = [];
  // The first warms up the server and the browser's own files.
  for (let run = 0; run <= RUNS; run++) loads.push(await load(browser));
  const [warming, ...measured] = loads;
  const times = measured.map(({ interactiveMs }) => Math.round(interactiveMs)).toSorted((a, b) => a - b);
  console.log(`first page interactive: ${times[Math.floor(times.length / 2)]} ms, median of`, times);
  console.log(`first page loads: ${kilobytes(warming?.files ?? [])}, compressed by gzip`);
  console.log(`everything: ${kilobytes(listFiles())}, compressed by gzip`);
} finally {
  await browser.close();
  await stopServerProcess(server);
  receiver.stop();
  folder.remove();
}

async function load(browser: Browser): Promise<Load> {
  const { url } = server.api.access;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.request.post(`${url}/api/v1/session`, { data: { token: TOKEN } });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS_MAX);
  const files = new Set<string>();
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith('/api/')) files.add(request.isNavigationRequest() ? '/index.html' : pathname);
  });
  await page.goto(`${url}/w/${WORKSPACE_ID}`, { waitUntil: 'commit' });
  const interactiveMs = await page.evaluate<number>(IS_OF_USE);
  await context.close();
  return { interactiveMs, files: [...files] };
}

/** All that was built, but for what is there compressed as well. */
function listFiles(): string[] {
  const paths = readdirSync(BUILT, { recursive: true, withFileTypes: true });
  return paths
    .filter((entry) => entry.isFile() && !/\.(?:gz|br)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(BUILT.length));
}

/** In thousands of bytes, as sizes on a wire are. */
function kilobytes(files: readonly string[]): string {
  const bytes = files.reduce((sum, path) => sum + gzipSync(readFileSync(join(BUILT, path))).length, 0);
  return `${Math.round(bytes / 1_000)} KB in ${files.length} files`;
}
