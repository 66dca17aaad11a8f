import { join } from 'node:path';
import { loadSettings, SettingsError } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { KEY_FILE } from '../config/settings.ts';
import { createTrust } from '../engine/dispatch/connect.ts';
import { Guard } from '../engine/dispatch/guard.ts';
import { askResolvers, reach } from '../engine/dispatch/reach.ts';
import { missingOf } from '../store/migration.ts';
import { systemClock } from '../lib/clock.ts';
import { readKeyFile } from '../lib/key-file.ts';
import { HEAD_BYTES, Keyring } from '../lib/keyring.ts';
import { systemRandom } from '../lib/random.ts';
import type { Finding, Level } from '../management/doctor/finding.ts';
import { bad, ok } from '../management/doctor/finding.ts';
import { judgeReached, judgeResolvers } from '../management/doctor/judge-network.ts';
import type { Readiness } from '../management/doctor/judge-running.ts';
import { judgeCommit, judgeRunning, judgeWritable } from '../management/doctor/judge-running.ts';
import { judgeMistakes, judgeSettings } from '../management/doctor/judge-settings.ts';
import {
  judgeClock,
  judgeKeys,
  judgeSchema,
  judgeServer,
  judgeSpace,
  messageOf,
} from '../management/doctor/judge-store.ts';
import { judgeWork } from '../management/doctor/judge-work.ts';
import { countLost } from '../management/keys.ts';
import type { FileInspection, Inspection, ServerInspection } from '../store/inspection.ts';

/** Enough to tell our network from theirs, and few enough to be done within a moment. */
const ORIGINS_MAX = 5;
/** So many subscriptions are looked through for different origins. */
const RECEIVERS_MAX = 500;
/** Longer than the server's own bound on its probe. */
const READY_MS_MAX = 5_000;

type Findings = Finding | readonly Finding[];

/** `velahook doctor`: looks at everything that can be wrong. Resolves with the exit code, 1 if anything is bad. */
export async function doctor(): Promise<number> {
  const report = new Report();
  const settings = readSettings(report);
  if (settings) {
    report.add(judgeSettings(settings));
    const asked = await askServer(settings);
    const inspection = await report.attempt('store', () => openStore(settings, report));
    const urls = inspection ? await examineStore(inspection, settings, asked, report) : [];
    if (!inspection?.file) report.add(judgeRunning(asked, false));
    await inspection?.close();
    await examineNetwork(settings, urls, report);
  }
  return report.isBad ? 1 : 0;
}

/** Prints each finding as it is made, a line each. */
class Report {
  #isBad = false;

  get isBad(): boolean {
    return this.#isBad;
  }

  add(findings: Findings): void {
    for (const { check, level, found, advice } of [findings].flat()) {
      if (level === 'bad') this.#isBad = true;
      const line = `${level.padEnd(LEVEL_WIDTH)}${check.padEnd(CHECK_WIDTH)}${found}${advice ? ` → ${advice}` : ''}`;
      // What a driver says may have several lines.
      console.log(line.replaceAll(/[\r\n]+\s*/g, ' '));
    }
  }

  /** A check that cannot be made is bad, and does not keep the others from being made. */
  async attempt<T>(check: string, make: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await make();
    } catch (error) {
      this.add(bad(check, messageOf(error), ADVICE[check] ?? 'See to what it says, and look again.'));
      return undefined;
    }
  }

  async check(check: string, make: () => Promise<Findings>): Promise<void> {
    this.add((await this.attempt(check, make)) ?? []);
  }
}

const LEVEL_WIDTH = ('warn' satisfies Level).length + 2;
const CHECK_WIDTH = 'connections'.length + 2;

/** Where the check itself failed: what it says is a driver's, or the system's. */
const ADVICE: Readonly<Record<string, string>> = {
  store: 'Start the database, correct DATABASE_URL or VELAHOOK_DATA_DIR, or restore a backup.',
  writes: 'See the disk and the log of the database: publishing answers 503 meanwhile.',
  key: 'Restore the key file from a backup, or set VELAHOOK_ENCRYPTION_KEY.',
};

function readSettings(report: Report): Settings | undefined {
  try {
    return loadSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    report.add(judgeMistakes(error.mistakes));
    return undefined;
  }
}

/** Undefined when there is nothing to look into, or no way. */
async function openStore(
  { databaseUrl, dataDir }: Settings,
  report: Report,
): Promise<Inspection | undefined> {
  if (databaseUrl !== null)
    return (await import('../store/postgres/inspect.ts')).inspectDatabase(databaseUrl);
  const inspection = (await import('../store/sqlite/inspect.ts')).inspectDataDir(dataDir);
  if (!inspection) report.add(ok('store', `There is none in ${dataDir} yet: the first start makes it.`));
  return inspection;
}

/** Answers URLs of receivers, as far as there are some. */
async function examineStore(
  inspection: Inspection,
  settings: Settings,
  asked: Readiness | null,
  report: Report,
): Promise<string[]> {
  const { file, server } = inspection;
  if (file) report.add(judgeRunning(asked, file.isHeld));
  const read = await report.attempt('store', async () => ({ applied: await inspection.readApplied() }));
  if (!read) return [];
  report.add(
    ok('store', settings.databaseUrl === null ? `It is in ${settings.dataDir}.` : 'The database answers.'),
  );
  const schema = judgeSchema(read.applied, inspection.known);
  report.add(schema);
  if (server) await examineServer(server, report);
  if (read.applied === undefined || schema.level === 'bad') return [];
  if (server) await report.check('writes', async () => judgeCommit(await time(() => server.probe())));
  if (file) await examineFile(file, settings, asked, report);
  // What an older version has stored is read once it is migrated: it has no columns for what was added since.
  if (missingOf(read.applied, inspection.known).length === 0)
    await report.check('key', async () => judgeKeys(await openAll(inspection, settings)));
  await report.check('backlog', async () => {
    const now = systemClock.now();
    return judgeWork(await inspection.measureWork(now), now);
  });
  return (await report.attempt('https', () => inspection.listReceivers(RECEIVERS_MAX))) ?? [];
}

async function examineServer(server: ServerInspection, report: Report): Promise<void> {
  await report.check('server', async () => judgeServer(await server.readServer()));
  await report.check('clock', async () => {
    const before = systemClock.now();
    const at = await server.readClock();
    const after = systemClock.now();
    // The server looked at its clock some time in between.
    return judgeClock(at - (before + after) / 2, (after - before) / 2);
  });
}

async function examineFile(
  file: FileInspection,
  { storeBytesMax }: Settings,
  asked: Readiness | null,
  report: Report,
): Promise<void> {
  report.add(judgeWritable(file.notWritable, asked, file.isHeld));
  await report.check('integrity', async () => {
    const damage = await file.findDamage();
    if (damage === null) return ok('integrity', 'The file is sound.');
    return bad('integrity', `The file is damaged: ${damage}.`, 'Stop the server, and restore a backup.');
  });
  await report.check('space', async () => judgeSpace(await file.measureSpace(), storeBytesMax));
}

async function openAll(
  inspection: Inspection,
  { encryptionKeys, dataDir }: Settings,
): Promise<ReturnType<typeof countLost>> {
  const sealings = await inspection.listSealings(HEAD_BYTES);
  if (sealings.length === 0) return { count: 0, lost: 0 };
  const keys = encryptionKeys.length > 0 ? encryptionKeys : readKeyFile(join(dataDir, KEY_FILE));
  return countLost(sealings, new Keyring(keys, systemRandom));
}

async function examineNetwork(settings: Settings, urls: readonly string[], report: Report): Promise<void> {
  await report.check('dns', async () => judgeResolvers(await askResolvers(settings.dnsServers)));
  await report.check('https', async () => {
    const guard = new Guard(settings);
    const trust = createTrust(settings.extraCa);
    const origins = [...new Set(urls.map((url) => new URL(url).origin))].slice(0, ORIGINS_MAX);
    const tried = origins.map(async (origin) => ({
      origin,
      reached: await reach(new URL(origin), guard, trust),
    }));
    return judgeReached(await Promise.all(tried).finally(() => guard.close()));
  });
}

/** Asks the server that would run with these settings; null when they leave its port open. */
async function askServer({ host, port }: Settings): Promise<Readiness | null> {
  if (port === 0) return null;
  const at = ANY_ADDRESS[host] ?? host;
  const url = `http://${at.includes(':') ? `[${at}]` : at}:${port}`;
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(READY_MS_MAX) });
    const body: unknown = await response.json().catch(() => null);
    const isOurs = typeof body === 'object' && body !== null && 'success' in body;
    if (!isOurs) return { url, answer: 'other' };
    return { url, answer: response.status === 200 ? 'ready' : 'not_ready' };
  } catch (error) {
    const isSilent = error instanceof Error && error.name === 'TimeoutError';
    return { url, answer: isSilent ? 'not_ready' : 'none' };
  }
}

/** What listens on all addresses is asked on this machine's own. */
const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

async function time(run: () => Promise<void>): Promise<number> {
  const startedAt = systemClock.monotonic();
  await run();
  return systemClock.monotonic() - startedAt;
}
