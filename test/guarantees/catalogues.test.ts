import { expect, test } from 'vitest';
import { Catalogues } from '../../src/management/catalogue/catalogues.ts';
import { createRulesOf } from '../../src/management/catalogue/publish-rules.ts';
import { makeWorkspace } from '../conformance/fixtures.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

test('publishing reads nothing of the catalogue once it is in memory, and a change elsewhere is known within a second', async () => {
  const { store, close } = await openTemporarySqlite();
  const clock = new FakeClock();
  const calls = { loads: 0, looks: 0, timers: 0 };
  const counted = {
    loadCatalogue: (id: string) => {
      calls.loads += 1;
      return store.loadCatalogue(id);
    },
    listCatalogueVersions: (ids: readonly string[]) => {
      calls.looks += 1;
      return store.listCatalogueVersions(ids);
    },
    changeCatalogue: store.changeCatalogue,
  };
  const catalogues = new Catalogues({
    store: counted,
    unknownTypes: 'warn',
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after(delayMs, run) {
        calls.timers += 1;
        return clock.after(delayMs, run);
      },
    },
    log: { warn: (about) => expect.fail(JSON.stringify(about)) },
  });
  const workspaceId = await makeWorkspace(store);
  const rulesOf = createRulesOf(catalogues, 1_000);
  const rules = await rulesOf(workspaceId);
  expect(rules.checkData).toBeUndefined();
  expect(rulesOf(workspaceId)).toBe(rules);
  expect(calls.loads).toBe(1);
  // As another node would: this one is not told.
  await store.changeCatalogue(workspaceId, 0, { validation: 'reject' });
  catalogues.watch();
  await expect.poll(async () => (await rulesOf(workspaceId)).checkData).toBeDefined();
  expect(calls.looks).toBe(1);
  await store.changeCatalogue(workspaceId, 1, { validation: 'off' });
  await expect.poll(() => calls.timers).toBe(1);
  clock.advance(999);
  await expect.poll(async () => (await rulesOf(workspaceId)).checkData).toBeUndefined();
  expect(calls.looks).toBe(2);
  await catalogues.stop();
  await close();
});
