import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { lengthOf, sizeOf } from '../../src/management/doctor/finding.ts';
import { judgeReached, judgeResolvers } from '../../src/management/doctor/judge-network.ts';
import { judgeCommit, judgeRunning, judgeWritable } from '../../src/management/doctor/judge-running.ts';
import { judgeSettings } from '../../src/management/doctor/judge-settings.ts';
import {
  judgeClock,
  judgeKeys,
  judgeSchema,
  judgeServer,
  judgeSpace,
} from '../../src/management/doctor/judge-store.ts';
import { judgeWork } from '../../src/management/doctor/judge-work.ts';
import type { ServerFacts, Work } from '../../src/store/inspection.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;
const GIB = 2 ** 30;
const NOW = 1_764_000_000_000;

const WELL: ServerFacts = {
  version: '16.4',
  versionNumber: 160_004,
  encoding: 'UTF8',
  isStandby: false,
  fsync: true,
  fullPageWrites: true,
  synchronousCommit: 'on',
  synchronousStandbys: '',
  connections: 20,
  connectionsMax: 97,
  databaseBytes: GIB,
};

const QUIET: Work = {
  pending: 7,
  oldestDueAt: null,
  oldestDueToFailingAt: null,
  failing: 0,
  failingSince: null,
  nodesLive: 2,
  nodesDead: 0,
};

function levels(findings: readonly { check: string; level: string }[]): string[] {
  return findings.map(({ check, level }) => `${check} ${level}`);
}

describe('the doctor', () => {
  test('never leaves something wrong without advice', () => {
    const all = [
      ...judgeServer({ ...WELL, fsync: false, isStandby: true, connections: 97 }),
      ...judgeWork({ ...QUIET, oldestDueAt: 0, failing: 2, failingSince: 0, nodesDead: 1 }, NOW),
      ...judgeSettings(loadSettings({ HOST: '0.0.0.0', VELAHOOK_RATE_LIMITS: 'off' })),
      judgeClock(HOUR, 1),
      judgeKeys({ count: 2, lost: 1 }),
      judgeSchema(undefined, []),
      judgeCommit(5_000),
    ].filter(({ level }) => level !== 'ok');
    expect(all.length).toBeGreaterThan(8);
    for (const { advice, found } of all) {
      expect(found).toMatch(/\.$/);
      expect(advice).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('finds nothing wrong with the default settings, and tells what is open', () => {
    expect(levels(judgeSettings(loadSettings({})))).toEqual(['settings ok']);
    const risky = {
      HOST: '0.0.0.0',
      VELAHOOK_ALLOW_NETWORKS: '10.0.0.0/8',
      VELAHOOK_ALLOW_HOSTS: 'printer.lan',
      VELAHOOK_TRUSTED_PROXIES: '0.0.0.0/0',
      VELAHOOK_RATE_LIMITS: 'write=0',
      VELAHOOK_LOG_LEVEL: 'silent',
      VELAHOOK_RETRY_SCHEDULE: '1s',
      VELAHOOK_ALLOW_LOST_SECRETS: 'yes',
    };
    expect(judgeSettings(loadSettings(risky))).toHaveLength(Object.keys(risky).length);
    expect(levels(judgeSettings(loadSettings({ VELAHOOK_FAILPOINT: 'before-commit' })))).toEqual([
      'settings bad',
    ]);
  });

  test('wants a server whose commits survive', () => {
    expect(levels(judgeServer(WELL))).toEqual(['server ok', 'durability ok', 'connections ok']);
    for (const off of [{ fsync: false }, { fullPageWrites: false }, { synchronousCommit: 'off' }])
      expect(levels(judgeServer({ ...WELL, ...off }))).toContain('durability bad');
    const standbys = { ...WELL, synchronousStandbys: 'ANY 1 (a, b)' };
    expect(judgeServer(standbys)[1]?.found).toContain('on a standby');
    expect(levels(judgeServer({ ...standbys, synchronousCommit: 'local' }))).toContain('durability warn');
  });

  test('wants a server that is new enough, takes writes, and has connections left', () => {
    for (const wrong of [{ versionNumber: 140_011 }, { isStandby: true }, { encoding: 'SQL_ASCII' }])
      expect(levels(judgeServer({ ...WELL, ...wrong }))).toContain('server bad');
    expect(levels(judgeServer({ ...WELL, connections: 87 }))).toContain('connections ok');
    expect(levels(judgeServer({ ...WELL, connections: 88 }))).toContain('connections warn');
    expect(levels(judgeServer({ ...WELL, connections: 98 }))).toContain('connections bad');
  });

  test.each([
    [0, 5, 'ok'],
    [1_004, 5, 'ok'],
    [-1_100, 5, 'warn'],
    [59_000, 5, 'warn'],
    [-61_000, 5, 'bad'],
    [61_000, 5_000, 'warn'],
  ])('calls a clock that is %i ms off, to within %i, %s', (offsetMs, errorMs, level) => {
    expect(judgeClock(offsetMs, errorMs).level).toBe(level);
  });

  test('says which of two clocks is behind', () => {
    expect(judgeClock(90_000, 0).found).toBe("This machine's is 1.5 min behind the database's.");
    expect(judgeClock(-90_000, 0).found).toBe("This machine's is 1.5 min ahead of the database's.");
  });

  test.each([
    [{ freeBytes: 10 * GIB, usedBytes: GIB }, 0, 'ok'],
    [{ freeBytes: GIB / 2, usedBytes: GIB }, 0, 'warn'],
    [{ freeBytes: GIB / 8, usedBytes: GIB }, 0, 'bad'],
    [{ freeBytes: 10 * GIB, usedBytes: 0.7 * GIB }, GIB, 'ok'],
    [{ freeBytes: 10 * GIB, usedBytes: 0.9 * GIB }, GIB, 'warn'],
    [{ freeBytes: 10 * GIB, usedBytes: 0.96 * GIB }, GIB, 'bad'],
  ])('calls space of %o, with a limit of %i, %s', (space, bytesMax, level) => {
    expect(judgeSpace({ storeBytes: 2 * GIB, ...space }, bytesMax).level).toBe(level);
  });

  test('calls a delivery late when its subscription is not failing', () => {
    const [backlog, failing, nodes] = judgeWork(QUIET, NOW);
    expect(levels([backlog, failing, nodes].flatMap((each) => each ?? []))).toEqual([
      'backlog ok',
      'failing ok',
      'nodes ok',
    ]);
    const late = (ms: number) => judgeWork({ ...QUIET, oldestDueAt: NOW - ms }, NOW)[0]?.level;
    expect([late(MIN - 1), late(MIN), late(HOUR - 1), late(HOUR)]).toEqual(['ok', 'warn', 'warn', 'bad']);
    const theirs = {
      ...QUIET,
      failing: 1,
      failingSince: NOW - 3 * HOUR,
      oldestDueToFailingAt: NOW - 2 * HOUR,
    };
    expect(levels(judgeWork(theirs, NOW))).toEqual(['backlog ok', 'failing warn', 'nodes ok']);
    expect(judgeWork({ ...QUIET, nodesLive: 0, oldestDueAt: NOW - HOUR }, NOW)[0]?.advice).toMatch(
      /^Start the server/,
    );
  });

  test('tells a resolver that is silent from all of them', () => {
    const [alive, silent] = [
      { server: 'a', answer: 'answered', afterMs: 3 },
      { server: 'b', answer: 'silent', afterMs: 2_000 },
    ] as const;
    expect(levels(judgeResolvers([alive, silent]))).toEqual(['dns ok', 'dns warn']);
    expect(levels(judgeResolvers([silent]))).toEqual(['dns bad']);
    expect(levels(judgeResolvers([{ ...silent, answer: 'refused' }]))).toEqual(['dns bad']);
    expect(levels(judgeResolvers([{ ...alive, afterMs: 800 }]))).toEqual(['dns warn']);
    expect(levels(judgeResolvers([]))).toEqual(['dns bad']);
  });

  test('tells a receiver that is down from no way out', () => {
    const down = { origin: 'https://a', reached: { kind: 'failure', error: 'No.', afterMs: 1 } } as const;
    const up = { origin: 'https://b', reached: { kind: 'reached', resolvedMs: 1, connectedMs: 2 } } as const;
    const ours = { origin: 'https://c', reached: { kind: 'fault', error: 'No.', afterMs: 1 } } as const;
    const inside = { origin: 'https://d', reached: { kind: 'refused', error: 'No.', afterMs: 1 } } as const;
    expect(levels(judgeReached([]))).toEqual(['https ok']);
    expect(levels(judgeReached([down]))).toEqual(['https warn']);
    expect(levels(judgeReached([down, up]))).toEqual(['https warn', 'https ok']);
    expect(levels(judgeReached([down, down]))).toEqual(['https warn', 'https warn', 'https bad']);
    expect(levels(judgeReached([ours, inside]))).toEqual(['https bad', 'https warn']);
  });

  test('tells a server that is not ready from none', () => {
    const url = 'http://127.0.0.1:4000';
    const level = (answer: 'ready' | 'not_ready' | 'other' | 'none', isHeld = false) =>
      judgeRunning({ url, answer }, isHeld).level;
    expect([level('ready'), level('not_ready'), level('other'), level('none')]).toEqual([
      'ok',
      'bad',
      'warn',
      'ok',
    ]);
    expect(level('none', true)).toBe('warn');
    expect(judgeRunning(null, true).level).toBe('ok');
    expect(judgeWritable('/data (EACCES)', null, false).level).toBe('bad');
  });

  test('names lengths and sizes so that they can be read', () => {
    expect([0.4, 999, 1_234, 90_000, 5.5 * HOUR, 50 * HOUR].map(lengthOf)).toEqual([
      '0 ms',
      '999 ms',
      '1.2 s',
      '1.5 min',
      '5.5 h',
      '2.1 d',
    ]);
    expect([12, 2_048, 1.5 * 2 ** 20, 3 * GIB].map(sizeOf)).toEqual([
      '12 bytes',
      '2 KiB',
      '1.5 MiB',
      '3 GiB',
    ]);
  });
});
