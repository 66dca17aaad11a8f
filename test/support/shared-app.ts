import { afterAll, beforeAll } from 'vitest';
import { ApiClient } from './api-client.ts';
import type { EachStore } from './each-store.ts';
import type { ReceivedRequest, Receiver } from './receiver.ts';
import { startReceiver } from './receiver.ts';
import type { TestApp } from './test-app.ts';
import { startTestApp } from './test-app.ts';
import { addWorkspace } from './workspaces.ts';

/** One app and one receiver for all tests of a `describe`. */
export interface SharedApp {
  app: TestApp;
  receiver: Receiver;
  /** A workspace that nobody else has, with a subscription to a path that nobody else has. */
  arrange(events: readonly string[], respond?: Parameters<Receiver['respondAt']>[1]): Promise<Arranged>;
}

interface Arranged {
  api: ApiClient;
  subscriptionId: string;
  path: string;
  requests: () => ReceivedRequest[];
}

export function useSharedApp(
  make: () => Promise<EachStore>,
  environment: Record<string, string> = {},
): SharedApp {
  let store: EachStore;
  let count = 0;
  const shared = {
    async arrange(events, respond = {}) {
      const { app, receiver } = shared;
      const api = new ApiClient({ url: app.app.url, ...(await addWorkspace(app.app.store)) });
      const path = `/arranged-${count++}`;
      receiver.respondAt(path, respond);
      const { _id: subscriptionId } = await api.subscribe({ url: receiver.url(path), events });
      const requests = () => receiver.requests.filter((request) => request.path === path);
      return { api, subscriptionId, path, requests };
    },
  } as SharedApp;
  beforeAll(async () => {
    [store, shared.receiver] = await Promise.all([make(), startReceiver()]);
    const given = { ...store.environment, ...environment };
    shared.app = await startTestApp({ ca: shared.receiver.ca, environment: given });
  });
  afterAll(async () => {
    await shared.app.stop();
    await Promise.all([shared.receiver.close(), store.remove()]);
  });
  return shared;
}
