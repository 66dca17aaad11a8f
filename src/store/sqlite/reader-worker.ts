import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { storePathIn } from './data-dir.ts';
import { openReader } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { readerHandlers } from './reader-handlers.ts';
import type { Service } from './worker-loop.ts';
import { serve } from './worker-loop.ts';

export interface ReaderData {
  dataDir: string;
}

/** The reader's thread: a connection that changes nothing, for whatever may take long. */
function open(data: ReaderData): Service {
  const db = openReader(storePathIn(data.dataDir));
  const groups = new GroupCommit(db, readerHandlers(db), { beforeCommit: nothing, afterCommit: nothing });
  return { execute: (group) => groups.execute(group), close: () => db.close() };
}

function nothing(): void {}

if (parentPort === null) process.exit(1);
serve(parentPort, () => open(workerData as ReaderData));
