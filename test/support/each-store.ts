import { describe } from 'vitest';
import { makeTemporaryDatabase } from './temporary-postgres.ts';
import { environmentOf, IS_ON_POSTGRES } from './test-store.ts';

/** An empty store for one application, as settings that name it. */
export interface EachStore {
  environment: Record<string, string>;
  /** As if every node had been silent for its lease. */
  endLeases(): Promise<void>;
  remove(): Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

const EMBEDDED = {
  store: 'the embedded store',
  make: (): Promise<EachStore> => Promise.resolve({ environment: {}, endLeases: nothing, remove: nothing }),
};

const POSTGRES = {
  store: 'PostgreSQL',
  async make(): Promise<EachStore> {
    const database = await makeTemporaryDatabase();
    return {
      environment: environmentOf(database),
      async endLeases() {
        await database.query(
          `UPDATE velahook.nodes SET lease_until = clock_timestamp() - interval '1 second'`,
        );
      },
      remove: () => database.remove(),
    };
  },
};

/** For promises that both stores have a part in: the same tests on each, whatever the suites run on otherwise. */
export function describeOnEachStore(name: string, tests: (make: () => Promise<EachStore>) => void): void {
  const stores = IS_ON_POSTGRES ? [POSTGRES] : [EMBEDDED, POSTGRES];
  describe.each(stores)(`${name} (on $store)`, ({ make }) => {
    tests(make);
  });
}
