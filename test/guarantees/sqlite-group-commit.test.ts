import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CallName } from '../../src/store/sqlite/calls.ts';
import { GroupCommit } from '../../src/store/sqlite/group-commit.ts';
import type { Call } from '../../src/store/sqlite/packet.ts';

let db: DatabaseSync;
let groups: GroupCommit;
let happened: string[];
beforeEach(() => {
  db = new DatabaseSync(':memory:');
  // A reference that is checked at COMMIT: the one way to make a real COMMIT fail at will.
  db.exec(`
    PRAGMA foreign_keys = ON;
    CREATE TABLE cats (
      name TEXT NOT NULL UNIQUE, mother TEXT REFERENCES cats (name) DEFERRABLE INITIALLY DEFERRED
    );
  `);
  happened = [];
  groups = new GroupCommit(
    db,
    {
      commitEvents: (...names: string[]) => {
        for (const name of names) db.prepare('INSERT INTO cats VALUES (?, NULL)').run(name);
        return names.length;
      },
      continueFanout: (name: string, mother: string) => {
        db.prepare('INSERT INTO cats VALUES (?, ?)').run(name, mother);
      },
      countWorkspaces: () => names().length,
    },
    {
      beforeCommit: () => happened.push(`before ${names().join()} ${String(db.isTransaction)}`),
      afterCommit: () => happened.push(`after ${names().join()} ${String(db.isTransaction)}`),
    },
  );
});
afterEach(() => db.close());

function names(): unknown[] {
  return db
    .prepare('SELECT name FROM cats ORDER BY name')
    .all()
    .map((row) => row['name']);
}

let id = 0;
function call(name: CallName, ...args: unknown[]): Call {
  return { id: ++id, name, args };
}

function answersTo(...calls: Call[]): unknown[] {
  const answers = groups.execute(calls);
  expect(answers.map((answer) => answer.id)).toEqual(calls.map((call) => call.id));
  return answers.map((answer) => ('error' in answer ? answer.error.name : answer.value));
}

describe('a group of calls', () => {
  test('is one transaction, and is answered after it', () => {
    expect(answersTo(call('commitEvents', 'a', 'b'), call('commitEvents', 'c'))).toEqual([2, 1]);
    expect(happened).toEqual(['before a,b,c true', 'after a,b,c false']);
  });

  test('of reads alone needs no transaction', () => {
    expect(answersTo(call('countWorkspaces'), call('countWorkspaces'))).toEqual([0, 0]);
    expect(happened).toEqual([]);
  });

  test('sees its own writes in order', () => {
    const calls = [call('countWorkspaces'), call('commitEvents', 'a', 'b'), call('countWorkspaces')];
    expect(answersTo(...calls)).toEqual([0, 2, 2]);
  });

  test('keeps the others when one call fails half way', () => {
    const calls = [call('commitEvents', 'a'), call('commitEvents', 'b', 'a'), call('commitEvents', 'c')];
    expect(answersTo(...calls)).toEqual([1, 'Error', 1]);
    expect(names()).toEqual(['a', 'c']);
  });

  test('whose commit fails is rejected whole, its reads see nothing of it, and the next one works', () => {
    answersTo(call('commitEvents', 'a'));
    const calls = [
      call('commitEvents', 'b'),
      call('countWorkspaces'),
      call('continueFanout', 'c', 'nobody'),
      call('countWorkspaces'),
    ];
    expect(answersTo(...calls)).toEqual(['StoreUnavailable', 1, 'StoreUnavailable', 1]);
    expect(db.isTransaction).toBe(false);
    expect(names()).toEqual(['a']);
    expect(answersTo(call('commitEvents', 'b'))).toEqual([1]);
  });

  test('whose transaction a call ends is rejected whole', () => {
    const ended = new GroupCommit(
      db,
      { commitEvents: () => db.exec(`INSERT INTO cats VALUES ('a', NULL); ROLLBACK`) },
      { beforeCommit: () => happened.push('before'), afterCommit: () => happened.push('after') },
    );
    const answers = ended.execute([call('commitEvents'), call('commitEvents')]);
    expect(answers).toMatchObject([
      { error: { name: 'StoreUnavailable' } },
      { error: { name: 'StoreUnavailable' } },
    ]);
    expect([names(), happened]).toEqual([[], []]);
  });
});
