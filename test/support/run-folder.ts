import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { TestProject } from 'vitest/node';

/** Linux's file system in memory. */
const MEMORY = '/dev/shm';
/** A run leaves little behind at a time, since each database is dropped, and its write-ahead log is bounded. */
const MEMORY_BYTES_MIN = 3 * 2 ** 30;

/**
 * One folder for all that a run writes, which goes with the run: what a failed test left too. It is where `TMPDIR` says,
 * which the processes that run the tests inherit.
 */
export default function setup(project: TestProject): () => void {
  // Faults and scale are shown on a disk.
  const within = project.name === 'main' ? (memoryFolder() ?? tmpdir()) : tmpdir();
  const folder = mkdtempSync(join(within, 'velahook-run-'));
  // PostgreSQL may run as another user.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Where files are kept in memory, if there is room: a disk that others use too stalls each commit for tens of milliseconds. */
function memoryFolder(): string | undefined {
  if (process.env['TMPDIR'] !== undefined) return undefined;
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= MEMORY_BYTES_MIN ? MEMORY : undefined;
  } catch {
    // No such file system here.
    return undefined;
  }
}
