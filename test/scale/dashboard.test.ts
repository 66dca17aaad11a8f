import process from 'node:process';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, visit } from '../support/browser.ts';
import buildDashboard from '../support/built-dashboard.ts';
import { testCa } from '../support/certificates.ts';
import { HAS_BROWSER } from '../support/chromium.ts';
import type { ServerFolder, ServerProcess } from '../support/server-process.ts';
import {
  createServerFolder,
  startServerProcess,
  stopServerProcess,
  TOKEN,
  WORKSPACE_ID,
} from '../support/server-process.ts';

const DELIVERIES = Number(process.env['VELAHOOK_TEST_DELIVERIES'] ?? 100_000);
/** So far somebody scrolls. */
const ROWS_SCROLLED = Math.min(DELIVERIES - 100, Number(process.env['VELAHOOK_TEST_ROWS'] ?? 30_000));
const BATCH = 1_000;
/** Of a frame: at sixty a second that is sixteen screens a second, faster than anybody reads. */
const STEP_PX = 240;
/** A screen has 19, and some are kept on each side. */
const ROWS_IN_PAGE_MAX = 60;

interface Scrolled {
  /** By the place in the list, where the first row is that of the columns' names: the delivery's id. */
  rows: [index: number, id: string][];
  /** Places that showed another delivery later. */
  changed: number[];
  rowsInPageMax: number;
  /** In the middle of the screen there was no row: it was not drawn yet, or not read yet. */
  emptyFrames: number;
  /** In milliseconds. */
  frames: number[];
  tasks: number[];
}

let folder: ServerFolder;
let server: ServerProcess;
let browser: Browser;

describe.runIf(HAS_BROWSER)('the dashboard', () => {
  beforeAll(async () => {
    await buildDashboard();
    folder = createServerFolder(await testCa());
    server = await startServerProcess(folder.environment);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stopServerProcess(server);
    folder.remove();
  });

  test(`scrolls through ${ROWS_SCROLLED} of ${DELIVERIES} deliveries, each there once and in order`, async () => {
    await makeDeliveries();
    const { page, context, complaints } = await visit(browser);
    const { url } = server.api.access;
    await context.request.post(`${url}/api/v1/session`, { data: { token: TOKEN } });
    await page.goto(`${url}/w/${WORKSPACE_ID}/deliveries`);
    await page.getByRole('table', { name: 'Deliveries' }).waitFor();
    const { rows, changed, rowsInPageMax, emptyFrames, frames, tasks } = await page.evaluate<Scrolled>(
      `(${SCROLL})(${ROWS_SCROLLED}, ${STEP_PX})`,
    );
    const inspector = await context.newCDPSession(page);
    await inspector.send('HeapProfiler.collectGarbage');
    const { usedSize } = await inspector.send('Runtime.getHeapUsage');
    const report = {
      rows: rows.length,
      rowsInPageMax,
      heapMiB: Math.round(usedSize / 2 ** 20),
      frames: frames.length,
      emptyFrames,
      frameMs: { p50: percentile(frames, 0.5), p99: percentile(frames, 0.99), max: percentile(frames, 1) },
      framesOver100Ms: frames.filter((ms) => ms > 100).length,
      tasksOver50Ms: tasks.length,
      longestTaskMs: percentile(tasks, 1),
    };
    process.stdout.write(`dashboard: ${JSON.stringify(report)}\n`);

    expect(rows.length).toBeGreaterThanOrEqual(ROWS_SCROLLED);
    expect(changed).toEqual([]);
    const ids = rows.toSorted(([a], [b]) => a - b).map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(await newest(ids.length));
    expect(rowsInPageMax).toBeLessThanOrEqual(ROWS_IN_PAGE_MAX);
    expect(complaints).toEqual([]);
  });
});

/** Scrolls a step each frame until so many rows were there, or none has come for long; notes what there was. */
const SCROLL = `(rowsWanted, stepPx) => new Promise((resolve) => {
  const STUCK_MS = 20_000;
  const rows = new Map();
  const seen = { changed: [], rowsInPageMax: 0, emptyFrames: 0, frames: [], tasks: [] };
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask' });
  let last = performance.now();
  let newAt = last;
  const frame = (now) => {
    seen.frames.push(now - last);
    last = now;
    const there = document.querySelectorAll('[role="row"][aria-rowindex]');
    seen.rowsInPageMax = Math.max(seen.rowsInPageMax, there.length);
    for (const row of there) {
      const index = Number(row.getAttribute('aria-rowindex'));
      const id = row.querySelector('a').getAttribute('href').split('/').at(-1);
      if (!rows.has(index)) newAt = now;
      else if (rows.get(index) !== id) seen.changed.push(index);
      rows.set(index, id);
    }
    const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    if (middle?.closest('[role="row"]') == null) seen.emptyFrames++;
    if (rows.size >= rowsWanted || now - newAt > STUCK_MS) return resolve({ rows: [...rows], ...seen });
    scrollBy(0, stepPx);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})`;

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0);
}

/** Of an inactive subscription: each is made, and none is sent. */
async function makeDeliveries(): Promise<void> {
  await server.api.subscribe({ url: 'https://receiver.example.com/', events: ['*'], active: false });
  for (let made = 0; made < DELIVERIES; made += BATCH) {
    const events = Array.from({ length: BATCH }, (_, i) => ({
      eventType: 'crm.lead.created',
      data: { n: made + i },
    }));
    await server.api.ok('POST', '/events/batch', { events });
  }
}

/** As the API lists them. */
async function newest(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ids.length < count;) {
    const { items, pagination } = await server.api.ok<{
      items: { _id: string }[];
      pagination: { nextCursor: string | null };
    }>('GET', `/deliveries?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    ids.push(...items.map(({ _id }) => _id));
    cursor = pagination.nextCursor ?? '';
  }
  return ids.slice(0, count);
}
