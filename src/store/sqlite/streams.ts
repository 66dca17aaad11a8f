import type { DatabaseSync } from 'node:sqlite';
import type { NewStreamItem, StreamItem, StreamPage } from '../contract/stream.ts';
import { NUMBERS_PER_MS, STREAM_ITEMS_KEPT } from '../contract/stream.ts';
import { command, queryAll, queryOne } from './statement.ts';
import type { Workspaces } from './workspaces.ts';

/** `StreamStore`. All by primary key; there are as many streams as workspaces that ever had a listener. */
export function streamHandlers(db: DatabaseSync, workspaces: Workspaces) {
  const listen = queryOne<{ last: number }>(
    db,
    `INSERT INTO streams (workspace_seq, last, listened_until) VALUES (?1, ?3 * ${NUMBERS_PER_MS}, ?2)
     ON CONFLICT (workspace_seq) DO UPDATE
     SET last = iif(listened_until < ?3, max(last + 1, ?3 * ${NUMBERS_PER_MS}), last), listened_until = max(listened_until, ?2)
     RETURNING last`,
  );
  const listListened = queryAll<{ workspaceId: string }>(
    db,
    `SELECT w.id AS workspaceId FROM streams JOIN workspaces w ON w.seq = streams.workspace_seq
     WHERE streams.listened_until > ?`,
  );
  const next = queryOne<{ last: number }>(
    db,
    'UPDATE streams SET last = last + 1 WHERE workspace_seq = ? RETURNING last',
  );
  const insert = command(
    db,
    `INSERT INTO stream_items (workspace_seq, number, kind, event_type, subscription_id, data)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const trim = command(db, 'DELETE FROM stream_items WHERE workspace_seq = ? AND number <= ?');
  const findLast = queryOne<{ last: number }>(db, 'SELECT last FROM streams WHERE workspace_seq = ?');
  const read = queryAll<StreamItem>(
    db,
    `SELECT number, kind, event_type AS eventType, subscription_id AS subscriptionId, data
     FROM stream_items WHERE workspace_seq = ? AND number > ? ORDER BY number LIMIT ?`,
  );

  return {
    listenTo(workspaceId: string, until: number, now: number): number {
      const { seq } = workspaces.get(workspaceId);
      return listen.get(seq, Math.round(until), Math.round(now))?.last ?? 0;
    },

    listListened(now: number): string[] {
      return listListened.all(Math.round(now)).map(({ workspaceId }) => workspaceId);
    },

    appendToStreams(items: readonly NewStreamItem[]): void {
      const lastOf = new Map<number, number>();
      for (const { workspaceId, kind, eventType, subscriptionId, data } of items) {
        const { seq } = workspaces.get(workspaceId);
        const number = next.get(seq)?.last;
        if (number === undefined) continue;
        insert.run(seq, number, kind, eventType, subscriptionId, data);
        lastOf.set(seq, number);
      }
      for (const [seq, last] of lastOf) trim.run(seq, last - STREAM_ITEMS_KEPT);
    },

    readStream(workspaceId: string, after: number, limit: number): StreamPage {
      const { seq } = workspaces.get(workspaceId);
      return { items: read.all(seq, after, limit), last: findLast.get(seq)?.last ?? 0 };
    },
  };
}
