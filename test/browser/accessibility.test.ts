import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { HAS_BROWSER } from '../support/chromium.ts';
import { signedIn, useScene } from './scene.ts';

interface Finding {
  id: string;
  nodes: { target: string[]; failureSummary: string }[];
}

describe.runIf(HAS_BROWSER)('every page', () => {
  const scene = useScene({ VELAHOOK_RETRY_SCHEDULE: '100ms,1h' });
  const ids = { subscription: '', event: '', delivery: '' };
  let axe = '';

  beforeAll(async () => {
    axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
    const { api } = scene.app;
    scene.receiver.respondAt('/failing', { status: 500, body: '<script>alert(1)</script>' });
    const good = await api.subscribe({
      url: scene.receiver.url('/good'),
      events: ['crm.*'],
      description: 'Good',
    });
    await api.subscribe({ url: scene.receiver.url('/failing'), events: ['crm.lead.created'] });
    await api.subscribe({ url: scene.receiver.url('/off'), events: ['*'], active: false });
    const { eventId } = await api.publish('crm.lead.created', { leadId: 'lead_1', note: 'one' });
    await expect.poll(async () => (await api.deliveries('state=pending'))[0]?.attemptCount).toBe(2);
    Object.assign(ids, {
      subscription: good._id,
      event: eventId,
      delivery: (await api.deliveries('state=pending'))[0]?._id,
    });
  });

  const pages = (): string[] => [
    '/',
    '/subscriptions',
    '/subscriptions/new',
    `/subscriptions/${ids.subscription}`,
    `/subscriptions/${ids.subscription}?tab=statistics`,
    `/subscriptions/${ids.subscription}?tab=settings`,
    `/subscriptions/${ids.subscription}?tab=secret`,
    `/subscriptions/${ids.subscription}/edit`,
    '/events',
    `/events/${ids.event}`,
    '/deliveries',
    '/deliveries?state=cancelled',
    `/deliveries/${ids.delivery}`,
    '/live',
    '/catalogue',
    '/catalogue/crm.lead.created',
    '/jobs',
    '/tokens',
    '/audit',
    '/settings',
    '/no/such/page',
  ];

  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1280, 390])
      test(`is accessible, fits, and complains of nothing: ${scheme}, ${width} pixels`, async () => {
        const { page, complaints } = await signedIn(scene, '/', { scheme, width });
        const found: Record<string, string[]> = {};
        for (const path of pages()) {
          await page.goto(new URL(`/w/${page.url().split('/')[4]}${path}`, page.url()).href);
          await page.getByRole('heading', { level: 1 }).first().waitFor();
          await page.getByLabel('Loading', { exact: true }).waitFor({ state: 'detached' });
          const findings = [...(await findingsOf(page, axe)), ...(await overflowOf(page))];
          if (findings.length > 0) found[path] = findings;
        }
        expect(found).toEqual({});
        expect(complaints).toEqual([]);
      });
});

/** By axe: WCAG 2.2 A and AA, and best practices. */
async function findingsOf(page: Page, axe: string): Promise<string[]> {
  const violations = await page.evaluate(`${axe};axe.run().then(({ violations }) => violations)`);
  return (violations as Finding[]).map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary}`)
        .join(' | ')}`,
  );
}

/** The page itself does not scroll sideways. */
async function overflowOf(page: Page): Promise<string[]> {
  const root = 'document.documentElement';
  const [needed, there] = (await page.evaluate(`[${root}.scrollWidth, ${root}.clientWidth]`)) as [
    number,
    number,
  ];
  return needed > there ? [`it is ${needed} pixels wide where there are ${there}`] : [];
}
