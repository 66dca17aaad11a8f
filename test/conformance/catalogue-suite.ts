import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { StoredEventType } from '../../src/domain/catalogue/event-type-definition.ts';
import type { OpenStore } from './fixtures.ts';
import { anId, makeWorkspace, T0 } from './fixtures.ts';
import { sharedStore } from './opened.ts';

export function describeCatalogue(open: OpenStore): void {
  describe('what workspaces make of the catalogue', () => {
    const opened = sharedStore(open);

    test('is nothing at first, also of an unknown workspace', async () => {
      const { store } = opened;
      const nothing = { version: 0, validation: null, types: [] };
      const workspaceId = await makeWorkspace(store);
      expect(await store.loadCatalogue(workspaceId)).toEqual(nothing);
      expect(await store.loadCatalogue(anId())).toEqual(nothing);
      expect(await store.listCatalogueVersions([workspaceId, anId()])).toEqual([]);
    });

    test('is kept whole, by name, in its own workspace', async () => {
      const { store } = opened;
      const [workspaceId, other] = [await makeWorkspace(store), await makeWorkspace(store)];
      const types = [
        aType('shop.b', {
          definition: {
            category: 'shop',
            description: "NUL \0, quote ', 💩",
            schema: { properties: { n: { maximum: 1e300 } }, __proto__: null },
            example: { n: 12.5, text: '\0' },
            deprecated: true,
            deprecationNote: 'Use another.',
            replacedBy: 'shop.a',
          },
        }),
        aType('shop.a', { validation: 'reject' }),
        aType('crm.lead.created', { definition: null, validation: 'warn' }),
      ];
      expect(await store.changeCatalogue(workspaceId, 0, { put: types, validation: 'warn' })).toBe(true);
      expect(await store.loadCatalogue(workspaceId)).toEqual({
        version: 1,
        validation: 'warn',
        types: types.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      });
      expect((await store.loadCatalogue(other)).version).toBe(0);
      expect(await store.listCatalogueVersions([other, workspaceId])).toEqual([{ workspaceId, version: 1 }]);
    });

    test('changes by name; what is not named stays', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const [a, b] = [aType('shop.a'), aType('shop.b')];
      await store.changeCatalogue(workspaceId, 0, { put: [a, b], validation: 'reject' });
      const changed = { ...a, validation: 'warn' as const, updatedAt: T0 + 5 };
      await store.changeCatalogue(workspaceId, 1, { put: [changed] });
      expect(await store.loadCatalogue(workspaceId)).toEqual({
        version: 2,
        validation: 'reject',
        types: [changed, b],
      });
      await store.changeCatalogue(workspaceId, 2, { remove: ['shop.a', 'shop.none'], validation: null });
      expect(await store.loadCatalogue(workspaceId)).toEqual({ version: 3, validation: null, types: [b] });
    });

    test('a change of another version than there is changes nothing', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const change = { put: [aType('shop.a')], validation: 'warn' as const };
      expect(await store.changeCatalogue(workspaceId, 1, change)).toBe(false);
      expect((await store.loadCatalogue(workspaceId)).version).toBe(0);
      await store.changeCatalogue(workspaceId, 0, { validation: 'reject' });
      for (const version of [0, 2])
        expect(await store.changeCatalogue(workspaceId, version, change)).toBe(false);
      expect(await store.loadCatalogue(workspaceId)).toEqual({ version: 1, validation: 'reject', types: [] });
    });

    test('tells the audit log of each change that is made, and of no other', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const entry: AuditEntry = {
        id: `aud_${anId()}`,
        workspaceId,
        createdAt: T0,
        caller: { actor: { kind: 'operator' }, address: null, requestId: null },
        action: 'event_type.created',
        targetId: 'shop.a',
        fields: ['name'],
      };
      await store.changeCatalogue(workspaceId, 5, { put: [aType('shop.a')] }, entry);
      expect((await store.listAudit(workspaceId, { limit: 5 })).items).toEqual([]);
      await store.changeCatalogue(workspaceId, 0, { put: [aType('shop.a')] }, entry);
      expect((await store.listAudit(workspaceId, { limit: 5 })).items).toEqual([entry]);
    });

    test('of changes made at once to one version, one is made', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      for (let version = 0; version < 3; version++) {
        const names = Array.from({ length: 8 }, (_, i) => `shop.v${version}.n${i}`);
        const made = await Promise.all(
          names.map((name) => store.changeCatalogue(workspaceId, version, { put: [aType(name)] })),
        );
        expect(made.filter(Boolean)).toHaveLength(1);
        const { types, ...head } = await store.loadCatalogue(workspaceId);
        expect([head.version, types.length]).toEqual([version + 1, version + 1]);
        expect(types.map(({ name }) => name)).toContain(names[made.indexOf(true)]);
      }
    });
  });
}

function aType(name: string, given: Partial<StoredEventType> = {}): StoredEventType {
  return {
    name,
    definition: {
      category: 'shop',
      description: '',
      schema: null,
      example: null,
      deprecated: false,
      deprecationNote: null,
      replacedBy: null,
    },
    validation: null,
    createdAt: T0,
    updatedAt: T0,
    ...given,
  };
}
