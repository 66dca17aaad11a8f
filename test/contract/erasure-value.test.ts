import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { Keyring } from '../../src/lib/keyring.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { ErasureSeals } from '../../src/management/erasure-seals.ts';
import { Erasures } from '../../src/management/erasures.ts';
import { makeWorkspace } from '../conformance/fixtures.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';
import { startContractApp } from './running-app.ts';

const CANARY = 'canary-of-somebody@example.com';
const BODY = { path: '$.mail', value: CANARY };

interface Answer {
  erasure: { _id: string; state: string };
}

test('the value of an erasure that runs is stored sealed', async () => {
  const { store, dataDir, close } = await openTemporarySqlite();
  try {
    const seals = new ErasureSeals(new Keyring([randomBytes(32)], systemRandom));
    // Nobody goes on with it.
    const engine = { jobsChanged: () => undefined };
    const erasures = new Erasures({ store, engine, seals, clock: systemClock, random: systemRandom });
    const by = { actor: { kind: 'operator' }, address: null, requestId: null } as const;
    const workspaceId = await makeWorkspace(store);
    const { _id } = await erasures.start(by, workspaceId, Buffer.from(JSON.stringify(BODY)));
    const stored = await store.findErasure(workspaceId, _id);
    if (stored === undefined) throw new Error('It is not stored.');
    expect(JSON.parse(seals.open(stored))).toBe(CANARY);
    expect(() => seals.open({ ...stored, id: `ers_${'f'.repeat(24)}` })).toThrow('another context');
    const files = readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name)));
    expect(files.some((bytes) => bytes.includes('$.mail'))).toBe(true);
    for (const bytes of files) expect(bytes.includes(CANARY)).toBe(false);
  } finally {
    await close();
  }
});

test('the value of an erasure is gone when it has ended, and told nowhere', async () => {
  const running = await startContractApp();
  try {
    const { api, app } = running;
    const begun = await api.call('POST', '/erasures', BODY);
    const { _id: id } = (begun.body.data as unknown as Answer).erasure;
    const shown = () => api.call('GET', `/erasures/${id}`);
    const stateOf = async () => ((await shown()).body.data as unknown as Answer).erasure.state;
    await expect.poll(stateOf, { timeout: 10_000 }).toBe('done');
    expect((await app.store.findErasure(api.access.workspaceId, id))?.sealedValue).toBeNull();
    for (const bytes of await running.stored()) expect(bytes.includes(CANARY)).toBe(false);
    const audit = await api.call('GET', '/audit');
    expect(audit.text).toContain('"fields":["path","value"]');
    for (const text of [begun.text, (await shown()).text, audit.text, running.logged()])
      expect(text).not.toContain(CANARY);
    expect(running.logged()).toContain('an erasure has ended');
  } finally {
    await running.stop();
  }
});
