import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Token } from '../../src/domain/token.ts';
import type { OpenStore } from './fixtures.ts';
import { T0, anId, makeWorkspace } from './fixtures.ts';
import { storePerTest } from './opened.ts';

export function describeAccounts(open: OpenStore): void {
  describe('workspaces and tokens', () => {
    const opened = storePerTest(open);

    function aToken(workspaceId: string, text: string): Token {
      return {
        id: anId(),
        workspaceId,
        name: 'First',
        prefix: 'sk_live_0123abcd',
        hash: createHash('sha256').update(text).digest(),
        scopes: ['events:write', 'events:read'],
        createdAt: T0,
        expiresAt: null,
        revokedAt: null,
      };
    }

    test('a workspace is made once', async () => {
      const { store } = opened;
      const id = anId();
      expect(await store.countWorkspaces()).toBe(0);
      expect(await store.ensureWorkspace({ id, name: 'One', createdAt: T0 })).toBe(true);
      expect(await store.ensureWorkspace({ id, name: 'Two', createdAt: T0 + 1 })).toBe(false);
      expect(await store.countWorkspaces()).toBe(1);
    });

    test('of first workspaces made at once there is one, with its token', async () => {
      const { store } = opened;
      const tokens = ['a', 'b', 'c'].map((text) => aToken(anId(), text));
      const made = await Promise.all(
        tokens.map((token) =>
          store.createFirstWorkspace({ id: token.workspaceId, name: 'One', createdAt: T0 }, token),
        ),
      );
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(await store.countWorkspaces()).toBe(1);
      const found = await Promise.all(tokens.map(({ hash }) => store.findTokenByHash(hash)));
      expect(found.map((token) => token !== undefined)).toEqual(made);
    });

    test('a token is found by its hash, whole', async () => {
      const { store } = opened;
      const token = aToken(await makeWorkspace(store), 'a');
      expect(await store.ensureToken(token)).toBe(true);
      const found = await store.findTokenByHash(token.hash);
      expect(found).toEqual({ ...token, hash: new Uint8Array(token.hash) });
    });

    test('a token with that hash is left as it is', async () => {
      const { store } = opened;
      const token = aToken(await makeWorkspace(store), 'a');
      await store.ensureToken({ ...token, expiresAt: T0 + 5, revokedAt: T0 + 6 });
      expect(await store.ensureToken({ ...aToken(token.workspaceId, 'a'), name: 'Second' })).toBe(false);
      expect(await store.findTokenByHash(token.hash)).toMatchObject({
        id: token.id,
        name: 'First',
        expiresAt: T0 + 5,
        revokedAt: T0 + 6,
      });
    });

    test('an unknown hash finds nothing', async () => {
      const { store } = opened;
      const token = aToken(await makeWorkspace(store), 'a');
      await store.ensureToken(token);
      const other = new Uint8Array(token.hash);
      other[31] = (other[31] ?? 0) ^ 1;
      expect(await store.findTokenByHash(other)).toBeUndefined();
    });

    test('a token of an unknown workspace is not stored', async () => {
      const { store } = opened;
      const token = aToken(anId(), 'a');
      await expect(store.ensureToken(token)).rejects.toBeInstanceOf(Error);
      expect(await store.findTokenByHash(token.hash)).toBeUndefined();
    });
  });
}
