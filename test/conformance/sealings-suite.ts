import { describe, expect, test } from 'vitest';
import type { OpenStore } from './fixtures.ts';
import { makeSubscription, makeWorkspace, T0 } from './fixtures.ts';
import { storePerTest } from './opened.ts';

/** What signing secrets there are, by the keys they are sealed with. */
export function describeSealings(open: OpenStore): void {
  describe('sealings', () => {
    const opened = storePerTest(open);

    test('are none in an empty store', async () => {
      expect(await opened.store.listSealings(5)).toEqual([]);
    });

    test('are told apart by their first bytes, of all workspaces, and counted with one of each', async () => {
      const { store } = opened;
      const subscriptions = [];
      for (const sealed of [
        [1, 7, 1],
        [1, 7, 2],
        [1, 8, 1],
        [1, 7, 3],
      ]) {
        const workspaceId = await makeWorkspace(store);
        subscriptions.push(
          await makeSubscription(store, workspaceId, { sealedSecret: Uint8Array.from(sealed) }),
        );
      }
      const sealings = await store.listSealings(2);
      expect(sealings.map(({ count }) => count).toSorted()).toEqual([1, 3]);
      for (const { sample } of sealings) {
        const { ownerId: id, sealed } = sample;
        expect(subscriptions).toContainEqual(expect.objectContaining({ id, sealedSecret: sealed }));
      }
    });

    test('of deleted subscriptions do not count, those of inactive ones do', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const gone = await makeSubscription(store, workspaceId, { sealedSecret: Uint8Array.of(1, 1) });
      const off = await makeSubscription(store, workspaceId, {
        sealedSecret: Uint8Array.of(2, 2),
        status: 'inactive',
      });
      await store.deleteSubscription(workspaceId, gone.id, T0);
      expect(await store.listSealings(1)).toEqual([
        { sample: { ownerId: off.id, part: 'secret', sealed: Uint8Array.of(2, 2) }, count: 1 },
      ]);
    });

    test('are of every part that is sealed', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const { id } = await makeSubscription(store, workspaceId, {
        sealedSecret: Uint8Array.of(1),
        keyPair: { publicKey: 'whpk_1', sealedPrivateKey: Uint8Array.of(2) },
        previous: {
          sealedSecret: Uint8Array.of(3),
          secretConfigured: true,
          keyPair: { publicKey: 'whpk_0', sealedPrivateKey: Uint8Array.of(4) },
          endsAt: T0,
        },
        headers: { names: ['a'], sealedValues: Uint8Array.of(5) },
      });
      const samples = (await store.listSealings(1)).map(({ sample, count }) => {
        expect([sample.ownerId, count]).toEqual([id, 1]);
        return [sample.sealed[0], sample.part];
      });
      expect(samples.toSorted()).toEqual([
        [1, 'secret'],
        [2, 'privateKey'],
        [3, 'previousSecret'],
        [4, 'previousPrivateKey'],
        [5, 'headers'],
      ]);
    });
  });
}
