import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Erasure } from '../../src/domain/erasure.ts';
import { ERASURE_VALUE, sealContext } from '../../src/domain/sealed-parts.ts';
import { Keyring } from '../../src/lib/keyring.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { resealAll } from '../../src/management/reseal.ts';
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import { openSealedSecrets as openInDatabase } from '../../src/store/postgres/sealed-secrets.ts';
import type { SealedSecrets } from '../../src/store/sealed-secrets.ts';
import { openSealedSecrets as openInDataDir } from '../../src/store/sqlite/sealed-secrets.ts';
import type { Store } from '../../src/store/store.ts';
import { anId, makeSubscription, makeWorkspace, T0 } from '../conformance/fixtures.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

interface Opened {
  store: Store;
  secrets: SealedSecrets;
  close(): Promise<void>;
}

const STORES: [string, () => Promise<Opened>][] = [
  [
    'the embedded store',
    async () => {
      const { store, dataDir, close } = await openTemporarySqlite();
      return { store, secrets: openInDataDir(dataDir), close };
    },
  ],
  [
    'PostgreSQL',
    async () => {
      const { url, remove } = await makeTemporaryDatabase();
      const store = await createPostgresStore({ url, leaseMs: 45_000, now: () => T0 });
      const close = async () => {
        await store.close();
        await remove();
      };
      return { store, secrets: openInDatabase(url), close };
    },
  ],
];

describe.each(STORES)('sealing anew (%s)', (_, open) => {
  test('takes subscriptions, and the values of erasures that run', async () => {
    const { store, secrets, close } = await open();
    try {
      const [old, next] = [randomBytes(32), randomBytes(32)];
      const before = new Keyring([old], systemRandom);
      const workspaceId = await makeWorkspace(store);
      const begin = async (): Promise<Erasure> => {
        const id = `ers_${anId()}`;
        const sealedValue = before.seal('"Ada"', sealContext(id, ERASURE_VALUE));
        const made = await store.createErasure(
          { id, workspaceId, path: '$.n', sealedValue, createdAt: T0 },
          9,
        );
        if (made === 'too_many') throw new Error('There are few.');
        return made;
      };
      const subscriptions = [];
      for (let i = 0; i < 3; i++) {
        const id = anId();
        const sealedSecret = before.seal('secret', sealContext(id, 'secret'));
        subscriptions.push(await makeSubscription(store, workspaceId, { id, sealedSecret }));
      }
      const [running, ended] = [await begin(), await begin()];
      await store.cancelErasure(workspaceId, ended.id, T0);

      const both = new Keyring([next, old], systemRandom);
      expect(await resealAll(secrets, both)).toEqual({ resealed: 4, lost: [] });
      expect(await resealAll(secrets, both)).toEqual({ resealed: 0, lost: [] });
      // Page by page, in order, each owner once.
      const owners: string[] = [];
      for (let after = ''; ;) {
        const page = await secrets.list(after, 1);
        if (page.length === 0) break;
        after = page.at(-1)?.ownerId ?? '';
        owners.push(after);
      }
      expect(owners).toEqual([...subscriptions.map(({ id }) => id).toSorted(), running.id]);

      const after = new Keyring([next], systemRandom);
      for (const { id } of subscriptions) {
        const stored = await store.findSubscription(workspaceId, id);
        expect(after.open(stored?.sealedSecret ?? Buffer.of(), sealContext(id, 'secret'))).toBe('secret');
      }
      const stored = await store.findErasure(workspaceId, running.id);
      const value = stored?.sealedValue ?? Buffer.of();
      expect(after.open(value, sealContext(running.id, ERASURE_VALUE))).toBe('"Ada"');
    } finally {
      await secrets.close();
      await close();
    }
  });
});
