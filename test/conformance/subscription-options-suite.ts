import { describe, expect, test } from 'vitest';
import type { Subscription } from '../../src/domain/subscription.ts';
import type { Rotation } from '../../src/store/contract/subscriptions.ts';
import type { OpenStore } from './fixtures.ts';
import { T0, makeSubscription, makeWorkspace } from './fixtures.ts';
import { sharedStore, storePerTest } from './opened.ts';

const HOUR = 3_600_000;
const OLD_PAIR = { publicKey: 'whpk_old', sealedPrivateKey: Uint8Array.of(1, 0) };
const NEW_PAIR = { publicKey: 'whpk_new', sealedPrivateKey: Uint8Array.of(2, 0) };

function aRotation(n: number, given: Partial<Rotation> & { isGiven?: boolean } = {}): { rotation: Rotation } {
  const { isGiven = false, ...fields } = given;
  const secret = { sealed: Uint8Array.of(n), hint: `hin${n}`, isGiven };
  return { rotation: { secret, keyPair: null, endsAt: T0 + HOUR, ...fields } };
}

/** What subscriptions may have besides: a rotation, a key pair, headers, a filter. */
export function describeSubscriptionOptions(open: OpenStore): void {
  describe('options of a subscription', () => {
    const opened = sharedStore(open);

    async function made(given: Partial<Subscription> = {}) {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const { id } = await makeSubscription(store, workspaceId, { sealedSecret: Uint8Array.of(1), ...given });
      return {
        id,
        workspaceId,
        change: (change: Parameters<typeof store.updateSubscription>[2], now = T0) =>
          store.updateSubscription(workspaceId, id, change, now),
        found: () => store.findSubscription(workspaceId, id),
      };
    }

    test('are stored and found as they are', async () => {
      const options: Partial<Subscription> = {
        keyPair: NEW_PAIR,
        previous: { sealedSecret: Uint8Array.of(8), secretConfigured: true, keyPair: OLD_PAIR, endsAt: T0 },
        headers: { names: ['Authorization', 'x-b'], sealedValues: Uint8Array.of(7, 7) },
        filter: { 'a.b': { $in: ['\u0000', 'Zoë', 1.5, null] } },
      };
      const { found, workspaceId } = await made(options);
      expect(await found()).toMatchObject(options);
      const { subscriptions } = await opened.store.loadSubscriptions(workspaceId);
      expect(subscriptions).toMatchObject([(await found()) ?? {}]);
    });

    test('are set and taken away by a change', async () => {
      const { change, found } = await made();
      const options = { keyPair: NEW_PAIR, headers: { names: ['a'], sealedValues: Uint8Array.of(1) } };
      expect(await change({ ...options, filter: { a: 1 } })).toMatchObject({ ...options, filter: { a: 1 } });
      expect(await change({ timeoutMs: 2_000 })).toMatchObject({ ...options, filter: { a: 1 } });
      const none = { keyPair: null, headers: null, filter: null };
      expect(await change(none)).toMatchObject(none);
      expect(await found()).toMatchObject(none);
    });

    test('a rotation keeps what was before it, key pair included, until its end', async () => {
      const { change, found } = await made({ keyPair: OLD_PAIR, secretConfigured: true });
      await change(aRotation(2, { keyPair: NEW_PAIR }));
      expect(await found()).toMatchObject({
        sealedSecret: Uint8Array.of(2),
        secretHint: 'hin2',
        secretConfigured: true,
        keyPair: NEW_PAIR,
        previous: {
          sealedSecret: Uint8Array.of(1),
          secretConfigured: true,
          keyPair: OLD_PAIR,
          endsAt: T0 + HOUR,
        },
      });
    });

    test('a rotation while one runs replaces its secret, and keeps the one from before both', async () => {
      const { change, found } = await made();
      await change(aRotation(2));
      await change(aRotation(3, { endsAt: T0 + 2 * HOUR }), T0 + 1);
      expect(await found()).toMatchObject({
        sealedSecret: Uint8Array.of(3),
        previous: { sealedSecret: Uint8Array.of(1), endsAt: T0 + 2 * HOUR },
      });
      // The second one is over: what it brought is the old one now.
      await change(aRotation(4, { endsAt: T0 + 5 * HOUR }), T0 + 2 * HOUR);
      expect(await found()).toMatchObject({ previous: { sealedSecret: Uint8Array.of(3) } });
    });

    test('a rotation without overlap leaves nothing of the old secret', async () => {
      const { change, found } = await made();
      await change(aRotation(2, { endsAt: T0 }));
      expect(await found()).toMatchObject({ sealedSecret: Uint8Array.of(2), previous: null });
    });

    test('a new secret counts as configured where it was given, or the old one was', async () => {
      const { change } = await made();
      expect(await change(aRotation(2))).toMatchObject({ secretConfigured: false });
      expect(await change(aRotation(3, { isGiven: true }))).toMatchObject({
        secretConfigured: true,
        previous: { secretConfigured: false },
      });
      expect(await change(aRotation(4))).toMatchObject({ secretConfigured: true });
    });

    test('finishing ends it, and so does a secret that is simply set', async () => {
      const first = await made();
      await first.change(aRotation(2));
      expect(await first.change({ finishesRotation: true })).toMatchObject({
        sealedSecret: Uint8Array.of(2),
        previous: null,
      });
      const second = await made();
      await second.change(aRotation(2));
      await second.change({ secret: { sealed: Uint8Array.of(9), hint: 'set!' } });
      expect(await second.found()).toMatchObject({ sealedSecret: Uint8Array.of(9), previous: null });
    });
  });

  describe('what is left of rotations', () => {
    const opened = storePerTest(open);

    test('is removed once it signs no more, that of deleted subscriptions too', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const rotated = async (endsAt: number): Promise<string> => {
        const { id } = await makeSubscription(store, workspaceId);
        await store.updateSubscription(workspaceId, id, aRotation(2, { endsAt }), T0);
        return id;
      };
      const [over, runs, gone] = [await rotated(T0 + 5), await rotated(T0 + 7), await rotated(T0 + 6)];
      await store.deleteSubscription(workspaceId, gone, T0);
      const before = await store.findSubscription(workspaceId, over);
      expect(await store.forgetRotated(T0 + 4, 10)).toBe(0);
      expect(await store.forgetRotated(T0 + 6, 1)).toBe(1);
      expect(await store.forgetRotated(T0 + 6, 10)).toBe(1);
      expect(await store.forgetRotated(T0 + 6, 10)).toBe(0);
      expect(await store.findSubscription(workspaceId, over)).toEqual({ ...before, previous: null });
      expect((await store.findSubscription(workspaceId, runs))?.previous).not.toBeNull();
    });
  });
}
