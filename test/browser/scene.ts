import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { launchBrowser, visit, type Visit } from '../support/browser.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { TOKEN, WORKSPACE_ID } from '../support/server-process.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

/** A real server with its dashboard, a real receiver, and a browser: one of each for a file. */
export interface Scene {
  app: TestApp;
  receiver: Receiver;
  browser: Browser;
}

/** `arrange` makes ready what the server's settings name, and answers them. */
export function useScene(arrange: () => Promise<Record<string, string>> = () => Promise.resolve({})): Scene {
  const scene = {} as Scene;
  beforeAll(async () => {
    scene.receiver = await startReceiver();
    scene.app = await startTestApp({ ca: scene.receiver.ca, environment: await arrange() });
    scene.browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await scene.browser?.close();
    await scene.app?.stop();
    await scene.receiver?.close();
  });
  return scene;
}

/** A visitor who has signed in with the workspace's token, at a page of the workspace. */
export async function signedIn(
  { app, browser }: Scene,
  path = '/',
  options: Parameters<typeof visit>[1] = {},
): Promise<Visit> {
  const visitor = await visit(browser, options);
  // By the API, as the page does it: the form has tests of its own.
  const answer = await visitor.context.request.post(`${app.app.url}/api/v1/session`, {
    data: { token: TOKEN },
  });
  expect(answer.status()).toBe(201);
  await visitor.page.goto(`${app.app.url}/w/${WORKSPACE_ID}${path}`);
  return visitor;
}

/** Fails unless the page comes to show this text. */
export async function expectShown(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor({ timeout: 15_000 });
}
