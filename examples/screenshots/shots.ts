import type { Page } from 'playwright-core';
import type { ApiClient } from '../../test/support/api-client.ts';
import { somethingNew } from './day.ts';

/** A picture of one page. */
export interface Shot {
  /** Of its files. */
  name: string;
  /** Below the workspace's own address. */
  path: string;
  isNarrowToo?: true;
  /** What somebody does there first. */
  before?: (page: Page) => Promise<void>;
}

/** Every page, of what the day left behind. */
export async function shotsOf(api: ApiClient): Promise<Shot[]> {
  const subscriptions = await api.ok<{ items: { _id: string; description: string }[] }>(
    'GET',
    '/integrations/webhooks?limit=100',
  );
  const idOf = (description: string): string => {
    const found = subscriptions.items.find((one) => one.description === description);
    if (found === undefined) throw new Error(`Nobody subscribed as ${description}.`);
    return found._id;
  };
  const [retried] = await api.deliveries(`state=pending&subscriptionId=${idOf('Chat notifications')}`);
  const [won] = await api.deliveries(`state=succeeded&subscriptionId=${idOf('Invoices for large deals')}`);
  if (retried === undefined || won === undefined) throw new Error('The day has nothing to show.');
  return [
    { name: 'overview', path: '/', isNarrowToo: true },
    { name: 'subscriptions', path: '/subscriptions', isNarrowToo: true },
    {
      name: 'subscription-new',
      path: '/subscriptions/new',
      before: async (page) => {
        await page.getByLabel('URL').first().fill('http://10.0.0.5/hooks');
        await page.waitForTimeout(SETTLE_MS);
      },
    },
    { name: 'subscription', path: `/subscriptions/${idOf('Chat notifications')}` },
    { name: 'statistics', path: `/subscriptions/${idOf('Data warehouse')}?tab=statistics` },
    { name: 'deactivated', path: `/subscriptions/${idOf('Legacy ERP import')}` },
    { name: 'events', path: '/events', isNarrowToo: true },
    { name: 'event', path: `/events/${won.eventId}` },
    { name: 'deliveries', path: '/deliveries', isNarrowToo: true },
    { name: 'delivery', path: `/deliveries/${retried._id}`, isNarrowToo: true },
    {
      name: 'live',
      path: '/live',
      before: async (page) => {
        await page.getByText('Live', { exact: true }).waitFor();
        for (let i = 0; i < LIVE_EVENTS; i++) await api.publish(...somethingNew());
        await page.waitForTimeout(2 * SETTLE_MS);
      },
    },
    { name: 'catalogue', path: '/catalogue' },
    { name: 'event-type', path: '/catalogue/crm.deal.won' },
    { name: 'jobs', path: '/jobs' },
    { name: 'tokens', path: '/tokens' },
    { name: 'audit', path: '/audit' },
    { name: 'settings', path: '/settings' },
  ];
}

/** Enough to fill the page with what comes of them. */
const LIVE_EVENTS = 5;
/** Charts are drawn, and pictures in motion come to rest. */
export const SETTLE_MS = 500;
