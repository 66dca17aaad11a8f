import type { Store } from '../store.ts';
import type { CallName, ReaderCalls } from './calls.ts';
import { READER_CALLS, WRITER_CALLS } from './calls.ts';
import { createRequestCounts } from './request-counts.ts';
import type { ReaderData } from './reader-worker.ts';
import { WorkerClient } from './worker-client.ts';
import type { WriterData } from './writer-worker.ts';

export interface SqliteStoreOptions {
  /** Made if it is missing. Only one process at a time can have it. */
  dataDir: string;
  /** The store's file grows no larger; intake stops a little before. 0 or absent: no limit. */
  maxBytes?: number;
  /**
   * A point where the process ends itself with SIGKILL, for the fault suite: `before-commit` or `after-commit` of
   * events; that of any other call carries its name, as in `after-commit:recordAttempts`.
   */
  failpoint?: string | null;
  /**
   * A thread of the store ended by itself: calls under way are rejected, later ones too. The process should end;
   * what was answered is on disk, and a start repairs the rest.
   */
  onDeath(error: Error): void;
}

export interface SqliteStore extends Store {
  /** Raises or lowers the limit of {@link SqliteStoreOptions.maxBytes} at once; 0 is none. */
  setMaxBytes(bytes: number): Promise<void>;
}

type ReaderMethods = Pick<Store, keyof ReaderCalls>;
type WriterMethods = Omit<SqliteStore, keyof ReaderCalls | 'probe' | 'close' | 'onSignal' | 'takeRequests'>;

/**
 * Opens the embedded store, making or migrating it. Rejects with `StoreRefused` when another process has the data
 * directory, or when what is in it is damaged, of a newer version, or not ours.
 *
 * Two threads, neither of them this one: the writer, whose group commits wait for the disk, and the reader, where
 * a long list delays only other lists.
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  let died = false;
  const onDeath = (error: Error): void => {
    if (!died) options.onDeath(error);
    died = true;
  };
  const { dataDir, maxBytes = 0, failpoint = null } = options;
  const writerData: WriterData = { dataDir, maxBytes, failpoint };
  const writer = await WorkerClient.start('writer-worker', writerData, onDeath);
  const readerData: ReaderData = { dataDir };
  const reader = await WorkerClient.start('reader-worker', readerData, onDeath).catch(async (error) => {
    await writer.close();
    throw error;
  });
  let closing: Promise<void> | undefined;
  return {
    ...callers<WriterMethods>(writer, WRITER_CALLS),
    ...callers<ReaderMethods>(reader, READER_CALLS),
    ...createRequestCounts(),
    // Nobody else writes in this store.
    onSignal: () => undefined,
    async probe(now) {
      await writer.call('writeProbe', [now]);
      await writer.call('clearProbe', []);
    },
    close() {
      // The writer last: the connection that closes last folds the log into the file.
      closing ??= reader.close().then(() => writer.close());
      return closing;
    },
  };
}

/** A method per name that makes the call of that name; `calls.ts` holds the types of both ends together. */
function callers<Methods>(client: WorkerClient, names: readonly CallName[]): Methods {
  const methods = names.map((name) => [name, (...args: unknown[]) => client.call(name, args)]);
  return Object.fromEntries(methods) as Methods;
}
