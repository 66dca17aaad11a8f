import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { NodeRegistration } from '../../src/store/contract/nodes.ts';
import type { Store } from '../../src/store/store.ts';
import type { OpenStore } from './fixtures.ts';
import { DEATHS_MAX, T0 } from './fixtures.ts';

export interface Opened {
  store: Store;
  /** Of the node registered in it. */
  epoch: number;
  /** Registers another node; all there were are dead by then. */
  registerSuccessor(now?: number): Promise<NodeRegistration>;
}

/** One store for all tests of a `describe`: for what happens within a workspace, where each test makes its own. */
export function sharedStore(open: OpenStore): Opened {
  const opened = unopened();
  beforeAll(() => opened.start(open));
  afterAll(() => opened.stop());
  return opened;
}

/** A store for each test: for what concerns all workspaces at once. */
export function storePerTest(open: OpenStore): Opened {
  const opened = unopened();
  beforeEach(() => opened.start(open));
  afterEach(() => opened.stop());
  return opened;
}

function unopened() {
  let current: Awaited<ReturnType<OpenStore>> | undefined;
  let epoch = 0;
  return {
    get store(): Store {
      if (current === undefined) throw new Error('The store is open during tests only.');
      return current.store;
    },
    get epoch(): number {
      return epoch;
    },
    async registerSuccessor(now = T0): Promise<NodeRegistration> {
      await current?.endLeases?.();
      return this.store.registerNode(now, DEATHS_MAX);
    },
    async start(open: OpenStore): Promise<void> {
      current = await open();
      epoch = (await current.store.registerNode(T0, DEATHS_MAX)).epoch;
    },
    async stop(): Promise<void> {
      await current?.close();
      current = undefined;
    },
  };
}
