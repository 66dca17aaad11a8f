import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { badAnswers } from '../support/api-watch.ts';
import { Fleet } from '../support/fleet.ts';
import { startPostgresServer } from '../support/postgres-server.ts';

const EVENTS_PER_SECOND = 60;
const FULL_MS = 10_000;
const FULL_BY_MS_MAX = 40_000;
const RESUMED_MS_MAX = 30_000;

test.for([
  // A new server with its log, its programs where they cannot be reached elsewhere, and some work.
  { what: 'data', megabytes: 400, options: (disk: string) => ({ within: disk }) },
  {
    what: 'log',
    megabytes: 40,
    // None of it is removed or used again while the test lasts.
    options: (disk: string) => ({
      walFolder: disk,
      settings: { max_wal_size: '1GB', wal_recycle: 'off' },
    }),
  },
])(
  'a database without space for its $what takes nothing, and goes on once there is some',
  async ({ what, megabytes, options }, context) => {
    const disk = mkdtempSync(join(tmpdir(), 'velahook-disk-'));
    const refusal = mountSmall(disk, megabytes);
    if (refusal !== undefined) {
      rmSync(disk, { recursive: true });
      process.stdout.write(`postgres full: skipped, ${refusal}\n`);
      return context.skip(refusal);
    }
    const postgres = await startPostgresServer(options(disk));
    const fleet = await Fleet.open(`postgres full (${what})`);
    try {
      for (let i = 0; i < 2; i++) await fleet.startNode(postgres.url);
      fleet.publishAtRate(EVENTS_PER_SECOND);
      await fleet.resumedSince(Date.now());
      await wait(2_000);
      const ballast = join(disk, 'ballast');
      fill(ballast);
      // What was set aside before is used first.
      const filledAt = Date.now();
      const isRefused = (): boolean =>
        fleet.publisher.calls.some(({ status, startedAt }) => status === 503 && startedAt >= filledAt);
      await expect.poll(isRefused, { timeout: FULL_BY_MS_MAX }).toBe(true);
      const from = Date.now();
      await wait(FULL_MS);
      const to = Date.now();
      rmSync(ballast);
      // Without space for its log the server ends itself; whoever runs it starts it again.
      const hasEnded = !postgres.isRunning();
      if (hasEnded) await postgres.start();
      const resumed = await fleet.resumedSince(Date.now());
      await wait(3_000);

      const account = await fleet.account();
      const refused = fleet.publisher.calls.filter(
        ({ status, startedAt }) => status === 503 && startedAt >= from && startedAt < to,
      ).length;
      fleet.say(JSON.stringify({ ...account, refused, hasEnded, ...resumed }));
      expect(account.violations).toEqual([]);
      expect(account.repeats).toEqual({});
      expect(badAnswers(fleet.watch.looks, fleet.publisher.calls)).toEqual([]);
      expect(refused).toBeGreaterThan(0);
      expect(fleet.watch.statuses('/healthz', from, to)).toEqual(new Set([200]));
      expect(Math.max(...Object.values(resumed))).toBeLessThan(RESUMED_MS_MAX);
    } finally {
      await fleet.close();
      await postgres.remove();
      spawnSync('umount', [disk]);
      rmSync(disk, { recursive: true, force: true });
    }
  },
);

/** Makes it a small disk of its own; answers why where that is not possible. */
function mountSmall(folder: string, megabytes: number): string | undefined {
  const args = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder];
  const { status, stderr, error } = spawnSync('mount', args, { encoding: 'utf8' });
  return status === 0 ? undefined : `a small disk cannot be made here: ${error?.message ?? stderr.trim()}`;
}

/** To the last byte. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const bytes of [1 << 20, 1 << 12]) writeUntilFull(file, Buffer.alloc(bytes, 1));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
