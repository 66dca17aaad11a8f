import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEATHS_MAX, T0, anId } from '../conformance/fixtures.ts';
import { startKillableStore } from '../support/killable-store.ts';
import { seededRandom } from '../support/seed.ts';
import type { TemporarySqlite } from '../support/temporary-sqlite.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

const ROUNDS = 5;
const LINES_BEFORE_KILL_MAX = 1_500;

let dataDir: string;
let workspaceId: string;
let subscriptionId: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'velahook-crash-'));
  workspaceId = anId();
  subscriptionId = anId();
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** Runs with the store open in this process, as after a restart. */
async function reopened<T>(run: (opened: TemporarySqlite['store']) => Promise<T>): Promise<T> {
  const { store } = await openTemporarySqlite({ dataDir });
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}

function idsOf(lines: readonly string[], word: string): string[] {
  return lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
}

describe('a store whose process is killed', () => {
  test('has everything that was answered, at every moment', async () => {
    const { seed, random } = seededRandom();
    const events: string[] = [];
    const attempts: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const child = startKillableStore(dataDir, workspaceId, subscriptionId);
      await child.hasSaid(1 + Math.floor(random() * LINES_BEFORE_KILL_MAX));
      child.kill();
      expect(await child.ended).toBe('SIGKILL');
      events.push(...idsOf(child.lines, 'event'));
      attempts.push(...idsOf(child.lines, 'attempt'));
      await reopened(async (store) => {
        const bodies = await store.loadBodies(events.map((eventId) => ({ workspaceId, eventId })));
        expect({ seed, found: bodies.length }).toEqual({ seed, found: events.length });
        for (const id of attempts) {
          const found = await store.findDeliveryByAttempt(workspaceId, id);
          expect({ seed, state: found?.state }).toEqual({ seed, state: 'succeeded' });
        }
      });
    }
    expect(events.length).toBeGreaterThan(ROUNDS);
  });

  test('has no half of anything: each event has its delivery, each unfinished delivery its lane', async () => {
    const child = startKillableStore(dataDir, workspaceId, subscriptionId);
    await child.hasSaid(200);
    child.kill();
    await child.ended;
    await reopened(async (store) => {
      let unfinished = 0;
      let page = await store.listEvents(workspaceId, { limit: 100 });
      for (;;) {
        for (const { states } of page.items) {
          expect(Object.values(states)).toEqual([1]);
          unfinished += states.pending ?? 0;
        }
        if (page.nextCursor === null) break;
        page = await store.listEvents(workspaceId, { limit: 100, cursor: page.nextCursor });
      }
      const { epoch } = await store.registerNode(T0, DEATHS_MAX);
      const { lanes } = await store.takeLanes(epoch, T0, 10);
      expect(lanes).toMatchObject([{ subscriptionId, suspect: true }]);
      expect((await store.loadLane(subscriptionId, 10_000, 0)).first).toHaveLength(unfinished);
    });
  });

  test('before the commit has nothing of the event', async () => {
    const child = startKillableStore(dataDir, workspaceId, subscriptionId, 'before-commit');
    expect(await child.ended).toBe('SIGKILL');
    const begun = idsOf(child.lines, 'begun');
    expect(begun.length).toBeGreaterThan(0);
    expect(idsOf(child.lines, 'event')).toEqual([]);
    await reopened(async (store) => {
      expect(await store.loadBodies(begun.map((eventId) => ({ workspaceId, eventId })))).toEqual([]);
      expect(await store.measureBacklog(T0)).toMatchObject({ pending: 0 });
    });
  });

  test('after the commit has the event, though nobody was told', async () => {
    const child = startKillableStore(dataDir, workspaceId, subscriptionId, 'after-commit');
    expect(await child.ended).toBe('SIGKILL');
    const begun = idsOf(child.lines, 'begun');
    expect(idsOf(child.lines, 'event')).toEqual([]);
    await reopened(async (store) => {
      const bodies = await store.loadBodies(begun.map((eventId) => ({ workspaceId, eventId })));
      expect(bodies.length).toBeGreaterThan(0);
      expect(await store.measureBacklog(T0)).toMatchObject({ pending: bodies.length });
    });
  });

  test('gives its data directory free', async () => {
    const child = startKillableStore(dataDir, workspaceId, subscriptionId);
    await child.hasSaid(1);
    await expect(openTemporarySqlite({ dataDir })).rejects.toThrow('in use by another process');
    child.kill();
    await child.ended;
    expect(await reopened((store) => store.countWorkspaces())).toBe(1);
  });
});
