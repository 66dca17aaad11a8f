/**
 * `npm run screenshots`: the real server with a day of history behind it, and of every page a picture in `docs/images`,
 * light and dark. Takes two minutes, and needs a Chromium. Names of pages after it take only those.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { chromium, type BrowserContext } from 'playwright-core';
import { CHROMIUM } from '../../test/support/chromium.ts';
import { WORKSPACE_ID } from '../../test/support/server-process.ts';
import { ADMIN_TOKEN, liveThroughADay } from './day.ts';
import { SETTLE_MS, shotsOf, type Shot } from './shots.ts';

const FOLDER = join(import.meta.dirname, '../../docs/images');
const WIDE = 1280;
const NARROW = 390;
const HEIGHT = 800;

await import('../../dashboard/build.ts');
const wanted = process.argv.slice(2);
const day = await liveThroughADay();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await mkdir(FOLDER, { recursive: true });
  const shots = (await shotsOf(day.app.api)).filter(
    ({ name }) => wanted.length === 0 || wanted.includes(name),
  );
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [WIDE, NARROW]) {
      const context = await browser.newContext({
        viewport: { width, height: HEIGHT },
        colorScheme,
        reducedMotion: 'reduce',
        locale: 'en-GB',
      });
      if (width === WIDE) await takeFromOutside(context, colorScheme);
      await signIn(context);
      for (const shot of shots.filter(({ isNarrowToo }) => width === WIDE || isNarrowToo === true))
        await take(context, shot, `${shot.name}${width === NARROW ? '-narrow' : ''}-${colorScheme}.png`);
      await context.close();
    }
} finally {
  await browser.close();
  await day.stop();
}

async function signIn(context: BrowserContext): Promise<void> {
  const answer = await context.request.post(`${day.app.app.url}/api/v1/session`, {
    data: { token: ADMIN_TOKEN },
  });
  if (!answer.ok()) throw new Error(await answer.text());
}

/** What is seen without a session: signing in, and what a customer gets by a link. */
async function takeFromOutside(context: BrowserContext, colorScheme: string): Promise<void> {
  const portal = { frameAncestors: [], title: 'Northwind webhooks', logoUrl: null, primaryColor: '#5f3dc4' };
  await day.app.api.ok('PATCH', '/workspace/settings', { portal });
  const { link } = await day.app.api.ok<{ link: { url: string } }>('POST', '/portal/links', {});
  for (const [name, address] of Object.entries({ 'sign-in': day.app.app.url, portal: link.url }))
    if (wanted.length === 0 || wanted.includes(name))
      await takeAt(context, address, undefined, `${name}-${colorScheme}.png`);
}

function take(context: BrowserContext, { path, before }: Shot, file: string): Promise<void> {
  return takeAt(context, `${day.app.app.url}/w/${WORKSPACE_ID}${path}`, before, file);
}

async function takeAt(
  context: BrowserContext,
  address: string,
  before: Shot['before'],
  file: string,
): Promise<void> {
  const page = await context.newPage();
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByLabel('Loading', { exact: true }).first().waitFor({ state: 'detached' });
  await before?.(page);
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: join(FOLDER, file) });
  await page.close();
  console.log(file);
}
