import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../lib/clock.ts';
import { failpoint } from '../../lib/failpoint.ts';
import { takeDataDir } from './data-dir.ts';
import { GroupCommit } from './group-commit.ts';
import { openUndamaged } from './integrity.ts';
import { migrate } from './migrate.ts';
import type { Call } from './packet.ts';
import { Space } from './space.ts';
import type { Service } from './worker-loop.ts';
import { serve } from './worker-loop.ts';
import { writerHandlers } from './writer-handlers.ts';

export interface WriterData {
  dataDir: string;
  maxBytes: number;
  failpoint: string | null;
}

/** The writer's thread: holds the data directory and the only connection that changes anything. */
function open(data: WriterData): Service {
  const dataDir = takeDataDir(data.dataDir);
  try {
    const db = openUndamaged(dataDir.storePath);
    migrate(db, systemClock.now());
    dataDir.markCreated();
    const handlers = writerHandlers(db, new Space(db, data.maxBytes));
    const atPoint = (point: string) => (group: readonly Call[]) => {
      if (data.failpoint === null) return;
      for (const { name } of group)
        failpoint(data.failpoint, name === 'commitEvents' ? point : `${point}:${name}`);
    };
    const groups = new GroupCommit(db, handlers, {
      beforeCommit: atPoint('before-commit'),
      afterCommit: atPoint('after-commit'),
    });
    return {
      execute: (group) => groups.execute(group),
      close() {
        db.close();
        dataDir.release();
      },
    };
  } catch (error) {
    dataDir.release();
    throw error;
  }
}

if (parentPort === null) process.exit(1);
serve(parentPort, () => open(workerData as WriterData));
