import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, ConsoleMessage, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { CHROMIUM } from './chromium.ts';

/** What a person does, and what comes of it. */
const STEP_MS_MAX = 15_000;

/** A browser that asks nobody but whom it is sent to. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-gpu'],
  });
}

export interface Visit {
  context: BrowserContext;
  page: Page;
  /** Errors that scripts threw, and what the page's policy or the network refused, so far. */
  complaints: string[];
}

/** A page in a profile of its own, closed with the test. */
export async function visit(
  browser: Browser,
  options: { width?: number; scheme?: 'light' | 'dark'; trustsAll?: boolean } = {},
): Promise<Visit> {
  const { width = 1280, scheme = 'light', trustsAll = false } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    // For what is loaded from a receiver: its certificate is of an authority that browsers do not know.
    ignoreHTTPSErrors: trustsAll,
  });
  onTestFinished(() => context.close());
  // Sooner than the test's own limit, which would not say what was waited for.
  context.setDefaultTimeout(STEP_MS_MAX);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (isComplaint(message)) complaints.push(message.text());
  });
  return { context, page, complaints };
}

/** An answer that refuses is told as an error too, and is none of the page. */
function isComplaint(message: ConsoleMessage): boolean {
  return message.type() === 'error' && !message.text().startsWith('Failed to load resource');
}
