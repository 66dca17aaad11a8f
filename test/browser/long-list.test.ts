import { describe, expect, test, vi } from 'vitest';
import { HAS_BROWSER } from '../support/chromium.ts';
import { signedIn, useScene } from './scene.ts';

const EVENTS = 240;
/** A screenful, and what is kept beyond its edges. */
const ROWS_MAX = 60;
const WAIT = { timeout: 25_000, interval: 50 };

describe.runIf(HAS_BROWSER)('a long list', () => {
  const scene = useScene();

  test('is read on as it is scrolled, and has no more rows than are in sight', async () => {
    const events = Array.from({ length: EVENTS }, (_, i) => ({ eventType: `long.list.${i + 1}`, data: {} }));
    await scene.app.api.ok('POST', '/events/batch', { events });
    const { page } = await signedIn(scene, '/events');
    const rows = page.getByRole('table').getByRole('row');
    const places = new Set<number>();
    await page.getByText(`long.list.${EVENTS}`, { exact: true }).waitFor();
    await page.getByRole('heading', { level: 1 }).hover();
    await vi.waitUntil(async () => {
      // Before its rows are read: those of the last step are read, too.
      const isAtEnd = await page.getByText('long.list.1', { exact: true }).isVisible();
      const indexes = await rows.evaluateAll((found) =>
        found.map((row) => row.getAttribute('aria-rowindex')),
      );
      expect(indexes.length).toBeLessThan(ROWS_MAX);
      for (const index of indexes) if (index !== null) places.add(Number(index));
      await page.mouse.wheel(0, 600);
      return isAtEnd;
    }, WAIT);
    // The heading is the first row; none was passed over on the way.
    expect([...places].toSorted((a, b) => a - b)).toEqual(events.map((_, i) => i + 2));
    await page.getByText('The end of the list').waitFor();

    // Whoever looks at one and comes back finds it as he left it: it is not read again from its beginning.
    const read: string[] = [];
    page.on('request', (request) => read.push(new URL(request.url()).pathname));
    await page.getByRole('link', { name: 'long.list.1', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'long.list.1' }).waitFor();
    // What was read is old by then.
    await page.clock.setSystemTime(Date.now() + 60_000);
    await page.goBack();
    await page.getByText('The end of the list').waitFor();
    await page.getByText('long.list.1', { exact: true }).waitFor();
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await page.getByText('As of').waitFor();
    expect(read.filter((path) => path === '/api/v1/events')).toEqual([]);

    await page.getByRole('button', { name: 'Back to the newest' }).click();
    await page.getByText(`long.list.${EVENTS}`, { exact: true }).waitFor();
    expect(await page.evaluate('window.scrollY')).toBe(0);
  });
});
