import type { DatabaseSync } from 'node:sqlite';
import { accountLists } from './account-lists.ts';
import { createListAudit } from './audit.ts';
import type { ReaderCalls } from './calls.ts';
import { createLoadCatalogue } from './catalogue.ts';
import { deliveryHistory } from './delivery-history.ts';
import { erasureReading } from './erasable.ts';
import { eventHistory } from './event-history.ts';
import { createFilteredScan, createSeqFinder } from './filtered-scan.ts';
import { replayReading } from './replayable.ts';
import { statisticsReads } from './statistics.ts';
import { createListSubscriptions } from './subscription-list.ts';
import { workspaceStatisticsReads } from './workspace-statistics.ts';

/** Prepares every statement of the reading connection. */
export function readerHandlers(db: DatabaseSync): ReaderCalls {
  const seqs = createSeqFinder(db);
  const scan = createFilteredScan(db);
  return inSnapshots(db, {
    loadCatalogue: createLoadCatalogue(db),
    listSubscriptions: createListSubscriptions(db, seqs),
    listAudit: createListAudit(seqs, scan),
    ...accountLists(db, seqs),
    ...statisticsReads(db),
    ...workspaceStatisticsReads(db, seqs),
    ...eventHistory(db, seqs, scan),
    ...deliveryHistory(db, seqs, scan),
    ...replayReading(db, seqs, scan),
    ...erasureReading(db, seqs, scan),
  });
}

/** Each call in a transaction, so that its statements see the store at one moment. */
function inSnapshots<Calls extends Record<keyof Calls, (...args: never[]) => unknown>>(
  db: DatabaseSync,
  calls: Calls,
): Calls {
  const wrapped = Object.entries<(...args: never[]) => unknown>(calls).map(([name, call]) => [
    name,
    (...args: never[]) => {
      db.exec('BEGIN');
      try {
        return call(...args);
      } finally {
        if (db.isTransaction) db.exec('COMMIT');
      }
    },
  ]);
  return Object.fromEntries(wrapped) as Calls;
}
