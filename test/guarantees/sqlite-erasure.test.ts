import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withoutData } from '../../src/domain/event.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import { createSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import {
  anId,
  aRecord,
  DEATHS_MAX,
  makeSubscription,
  makeWorkspace,
  publish,
  T0,
} from '../conformance/fixtures.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

const CANARY = 'canary-of-somebody';

test('an erasure leaves nothing of a payload in the file of an embedded store', async () => {
  const { store, dataDir, close } = await openTemporarySqlite();
  try {
    const { epoch } = await store.registerNode(T0, DEATHS_MAX);
    const workspaceId = await makeWorkspace(store);
    const subscription = await makeSubscription(store, workspaceId);
    // In the row itself, over some pages, and over many; with others between them.
    const about: NewEvent[] = [];
    for (let i = 0; i < 60; i++) {
      const who = i % 2 === 0 ? CANARY : 'other-of-somebody';
      const data = JSON.stringify({ who, pad: who.repeat(10 ** (i % 5)) });
      const event = await publish(store, epoch, [subscription], { at: T0 + i, data });
      const responseBody = new Uint8Array(Buffer.from(`${who} ${'x'.repeat(100 * i)}`));
      const attempt = { responseBody, responseHeaders: `x-who: ${who}\n${'y'.repeat(60 * i)}` };
      await store.recordAttempts(epoch, [aRecord(event, { attempt })], T0 + i);
      if (who === CANARY) about.push(event);
    }
    const id = `ers_${anId()}`;
    const job = await store.createErasure(
      { id, workspaceId, path: '$.who', sealedValue: Uint8Array.of(1), createdAt: T0 + 99 },
      1,
    );
    if (job === 'too_many') throw new Error('There is no other.');
    const wanted = new Set(about.map(({ eventId }) => eventId));
    let { steps, position } = job;
    for (let isLast = false; !isLast;) {
      const page = await store.listErasable({ ...job, position });
      const found = page.events.flatMap(({ eventId, eventType, at, body, dataBytes }, i) =>
        body === null || !wanted.has(eventId)
          ? []
          : [{ eventId, eventType, at, examined: i + 1, erasedBody: withoutData(body, dataBytes) }],
      );
      ({ isLast } = page);
      position = isLast ? null : (page.events.at(-1)?.at ?? null);
      const step = { workspaceId, erasureId: id, steps, found, examined: page.events.length, position };
      steps = (await store.continueErasure(step, T0 + 100))?.erasure.steps ?? 0;
    }
    // An orderly end brings the log into the file and removes it.
    await store.close();
    const file = join(dataDir, 'velahook.db');
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(readFileSync(file).includes('other-of-somebody')).toBe(true);
    const left = readFileSync(file).toString('latin1').matchAll(new RegExp(CANARY, 'g'));
    expect([...left].map(({ index }) => [Math.floor(index / 4096), index % 4096])).toEqual([]);
    const again = await createSqliteStore({ dataDir, onDeath: () => undefined });
    expect(await again.findErasure(workspaceId, id)).toMatchObject({ state: 'done', erased: about.length });
    await again.close();
  } finally {
    await close().catch(() => undefined);
  }
});
