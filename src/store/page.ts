import { InvalidCursor } from './contract/history.ts';
import type { CursorPage, CursorQuery } from './contract/history.ts';

/** A place in a list that is newest first: by time of creation, then in order of commit. */
export interface Position {
  createdAt: number;
  seq: number;
}

/** Positions of a list from `before`, exclusive, down to `from`, inclusive. */
export interface Span {
  before: Position;
  from: Position;
}

/** Seqs begin at 1: this one is before all of its millisecond. */
const SEQ_FIRST = 0;
const NEWEST: Position = { createdAt: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER };
const OLDEST: Position = { createdAt: Number.MIN_SAFE_INTEGER, seq: SEQ_FIRST };

/** The part of the list `kind` a query asks for. Throws {@link InvalidCursor}. */
export function spanOf(kind: string, query: CursorQuery): Span {
  const { cursor, since, until } = query;
  const after = cursor === undefined ? NEWEST : readCursor(kind, cursor);
  const end = until === undefined ? NEWEST : { createdAt: until, seq: SEQ_FIRST };
  const from = since === undefined ? OLDEST : { createdAt: since, seq: SEQ_FIRST };
  return { before: isOlder(after, end) ? after : end, from };
}

export function isOlder(a: Position, b: Position): boolean {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.seq < b.seq);
}

/**
 * Looked at for one page: rows, and what must be looked at for each of them. A filter that nearly nothing passes would
 * otherwise read a workspace's whole history for one page; like this the page is short, and its cursor goes on. So many
 * rows are some 50 ms.
 */
export const LOOKED_AT_MAX = 20_000;

/** What a row of a list has beside what is shown of it. */
export interface ListRow extends Position {
  /** How much must be looked at to show it, in rows. */
  weight: number;
}

/** Makes what is shown of a row; `seq` is for looking up more, and is not shown itself. */
export type ToItem<Shown, Item> = (row: Shown, seq: number) => Item;

/**
 * Makes the page from one row more than asked for, with as many of them as {@link LOOKED_AT_MAX} allows, but always
 * one. `scannedTo` is set when the scan was cut: the rows end there, but the list does not.
 */
export function toPage<Shown extends object, Item>(
  kind: string,
  rows: readonly (Shown & ListRow)[],
  limit: number,
  scannedTo: Position | undefined,
  toItem: ToItem<Shown, Item>,
): CursorPage<Item> {
  const shown = rows.slice(0, Math.min(limit, countFitting(rows)));
  const last = rows.length > shown.length ? shown.at(-1) : scannedTo;
  const items = shown.map(({ seq, weight: _weight, ...rest }) => toItem(rest as unknown as Shown, seq));
  return { items, nextCursor: last ? writeCursor(kind, last) : null };
}

function countFitting(rows: readonly ListRow[]): number {
  let sum = 0;
  const over = rows.findIndex(({ weight }) => (sum += weight) > LOOKED_AT_MAX);
  return over === -1 ? rows.length : Math.max(1, over);
}

/** Opaque to clients: they may not build one, and an old one must stay readable when this changes. */
function writeCursor(kind: string, { createdAt, seq }: Position): string {
  return Buffer.from(`${kind}.${createdAt}.${seq}`).toString('base64url');
}

const CURSOR_FORM = /^([a-z]+)\.(-?\d{1,16})\.(\d{1,16})$/;

function readCursor(kind: string, cursor: string): Position {
  const text = Buffer.from(cursor, 'base64url');
  const parts = CURSOR_FORM.exec(text.toString('latin1'));
  // Decoding forgives what encoding would not have written.
  if (parts?.[1] !== kind || text.toString('base64url') !== cursor) {
    throw new InvalidCursor('The cursor is not one this list answered.');
  }
  return { createdAt: Number(parts[2]), seq: Number(parts[3]) };
}
