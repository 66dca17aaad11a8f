import { expect, test } from 'vitest';
import { createErasureRunner } from '../../src/engine/erasure-runner.ts';
import type { EngineLog } from '../../src/engine/telemetry.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { anId, deliveryIdOf, makeSubscription, makeWorkspace, publish, T0 } from '../conformance/fixtures.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

test('an erasure of events with many deliveries takes a few at a time, and tells this node of each', async () => {
  const { store, close } = await openTemporarySqlite();
  const { epoch } = await store.registerNode(T0, 3);
  const workspaceId = await makeWorkspace(store);
  const subscription = await makeSubscription(store, workspaceId);
  const events = [];
  for (let i = 0; i < 7; i++)
    events.push(
      // As if they had so many: two fill a step.
      await publish(store, epoch, [subscription], {
        at: T0 + i,
        data: `{"n":${i % 2}}`,
        deliveryCount: 300,
      }),
    );
  const about = events.filter((_, i) => i % 2 === 1);
  const id = `ers_${anId()}`;
  await store.createErasure(
    { id, workspaceId, path: '$.n', sealedValue: Uint8Array.of(1), createdAt: T0 },
    1,
  );

  const told = { forgotten: [] as string[], heard: [] as string[], withdrawn: [] as string[][] };
  const runner = createErasureRunner({
    store,
    openValue: () => '1.0',
    onErased: ({ eventId }) => told.forgotten.push(eventId),
    withdraw: (cancelled, reason) => told.withdrawn.push([reason, ...cancelled.map((each) => each.id)]),
    activity: { eventErased: (_, { eventId }) => told.heard.push(eventId) },
    clock: systemClock,
    log: {
      info: () => undefined,
      warn: (about: object) => expect.fail(JSON.stringify(about)),
    } as never as EngineLog,
  });
  try {
    runner.want();
    await expect.poll(async () => (await store.findErasure(workspaceId, id))?.state).toBe('done');
    const erasure = await store.findErasure(workspaceId, id);
    expect(erasure).toMatchObject({ examined: 7, erased: 3, cancelled: 3, steps: 2 });
  } finally {
    await runner.stop();
    await close();
  }
  const ids = about.map(({ eventId }) => eventId);
  const [first = '', second = '', third = ''] = about.map((event) => deliveryIdOf(event));
  expect(told).toEqual({
    forgotten: ids,
    heard: ids,
    withdrawn: [
      ['erased', first, second],
      ['erased', third],
    ],
  });
});
