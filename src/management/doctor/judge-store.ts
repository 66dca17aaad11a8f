import type { FileSpace, ServerFacts } from '../../store/inspection.ts';
import type { AppliedMigration, Migration } from '../../store/migration.ts';
import { missingOf } from '../../store/migration.ts';
import type { StoredSecrets } from '../keys.ts';
import type { Finding } from './finding.ts';
import { bad, lengthOf, ok, sizeOf, warn } from './finding.ts';

/** What Velahook needs at least, as PostgreSQL numbers versions. */
const VERSION_MIN = 150_000;
/** Eight a node at most: the writer, the listener, and six readers; and somebody must be able to look. */
const CONNECTIONS_ADVISED = 10;
/** As long as the first retry waits: what is due on one node is early or late on another by no more. */
const CLOCK_WARN_MS = 1_000;
/** Receivers refuse a signature that is five minutes old, and clocks that are so far apart go on drifting. */
const CLOCK_BAD_MS = 60_000;
/** A few minutes of events at full speed. */
const FREE_BAD_BYTES = 256 * 2 ** 20;
/** Some hours, in which somebody can do something. */
const FREE_WARN_BYTES = 2 ** 30;
/** Of the bytes allowed; intake stops at 95 %. */
const FULL_WARN = 0.8;
const FULL_BAD = 0.95;

/** Where the store's schema is, compared with this program. */
export function judgeSchema(
  applied: readonly AppliedMigration[] | undefined,
  known: readonly Migration[],
): Finding {
  if (applied === undefined)
    return warn(
      'schema',
      'There is none yet.',
      'Start the server, or run velahook migrate: either makes it.',
    );
  let missing: readonly Migration[];
  try {
    missing = missingOf(applied, known);
  } catch (error) {
    return bad('schema', messageOf(error), 'Run the version that the other nodes run.');
  }
  const last = applied.at(-1);
  const at = `The store is at migration ${last?.version}, ${last?.name}`;
  if (missing.length > 0)
    return warn(
      'schema',
      `${at}; missing: ${missing.map(({ version, name }) => `${version}, ${name}`).join('; ')}.`,
      'Run velahook migrate, or start the server: either applies what is missing.',
    );
  const isNewer = applied.length > known.length;
  return ok('schema', `${at}${isNewer ? ', of a newer version that this one can work with' : ''}.`);
}

/** Whether a commit survives the power. */
export function judgeServer(facts: ServerFacts): Finding[] {
  const { version, versionNumber, encoding, isStandby } = facts;
  const name = `PostgreSQL ${version}, ${sizeOf(facts.databaseBytes)}`;
  const found: Finding[] = [];
  if (versionNumber < VERSION_MIN)
    found.push(bad('server', `${name} is too old.`, 'Upgrade it: Velahook needs 15 or newer.'));
  else if (isStandby)
    found.push(
      bad('server', `${name} is a standby: it takes no writes.`, 'Let DATABASE_URL name the primary.'),
    );
  else if (encoding !== 'UTF8')
    found.push(
      bad('server', `${name} stores text as ${encoding}.`, 'Make the database anew with ENCODING UTF8.'),
    );
  else found.push(ok('server', `${name}.`));
  found.push(judgeDurability(facts), judgeConnections(facts));
  return found;
}

function judgeDurability(facts: ServerFacts): Finding {
  const { fsync, fullPageWrites, synchronousCommit, synchronousStandbys } = facts;
  const off = [
    ...(fsync ? [] : ['fsync']),
    ...(fullPageWrites ? [] : ['full_page_writes']),
    ...(synchronousCommit === 'off' ? ['synchronous_commit'] : []),
  ];
  if (off.length > 0)
    return bad(
      'durability',
      `${off.join(', ')} ${off.length === 1 ? 'is' : 'are'} off: events that were answered with 202 can be lost.`,
      'Turn it on, for the server, the database and the role.',
    );
  if (synchronousStandbys === '') return ok('durability', 'A commit is on disk when it is answered.');
  if (synchronousCommit === 'local')
    return warn(
      'durability',
      'There are synchronous standbys, but synchronous_commit is local: a failover can lose events.',
      'Set it to on.',
    );
  return ok(
    'durability',
    `A commit is on disk here and on a standby (${synchronousStandbys}) when it is answered.`,
  );
}

function judgeConnections({ connections, connectionsMax }: ServerFacts): Finding {
  const left = Math.max(0, connectionsMax - connections);
  const found = `${left} of ${connectionsMax} connections are left.`;
  const advice = `Raise max_connections, or let fewer clients in: each node takes up to 8.`;
  if (left === 0) return bad('connections', found, advice);
  return left < CONNECTIONS_ADVISED ? warn('connections', found, advice) : ok('connections', found);
}

/** `offsetMs`: how far the database's clock is ahead of ours; known to within `errorMs`. */
export function judgeClock(offsetMs: number, errorMs: number): Finding {
  const apartMs = Math.max(0, Math.abs(offsetMs) - errorMs);
  const which = offsetMs > 0 ? 'behind' : 'ahead of';
  if (apartMs < CLOCK_WARN_MS)
    return ok(
      'clock',
      `This machine's is within ${lengthOf(Math.abs(offsetMs) + errorMs)} of the database's.`,
    );
  const found = `This machine's is ${lengthOf(apartMs)} ${which} the database's.`;
  const advice =
    'Set both by NTP: receivers refuse signatures of another time, and retries come early or late.';
  return apartMs >= CLOCK_BAD_MS ? bad('clock', found, advice) : warn('clock', found, advice);
}

/** The embedded store's file: its disk, and the limit it was given (0: none). */
export function judgeSpace({ storeBytes, usedBytes, freeBytes }: FileSpace, bytesMax: number): Finding {
  const found = `The store takes ${sizeOf(storeBytes)}; ${sizeOf(freeBytes)} are left on its disk`;
  const more = 'Make room, or keep less history (VELAHOOK_RETENTION_DAYS).';
  if (freeBytes < FREE_BAD_BYTES) return bad('space', `${found}.`, more);
  const share = bytesMax === 0 ? 0 : usedBytes / bytesMax;
  const limited = `${found}, and ${Math.round(share * 100)} % of VELAHOOK_MAX_STORE_BYTES is used.`;
  const raise = 'Raise the limit, or keep less history: publishing answers 503 from 95 % on.';
  if (share > FULL_BAD) return bad('space', limited, raise);
  if (share > FULL_WARN) return warn('space', limited, raise);
  if (freeBytes < FREE_WARN_BYTES) return warn('space', `${found}.`, more);
  return ok('space', bytesMax === 0 ? `${found}.` : limited);
}

/** Whether the signing secrets can be opened with the keys given. */
export function judgeKeys({ count, lost }: StoredSecrets): Finding {
  if (lost === 0)
    return ok(
      'key',
      count === 0 ? 'There is nothing to open yet.' : `It opens all ${count} signing secrets.`,
    );
  return bad(
    'key',
    `It does not open ${lost} of ${count} signing secrets: nothing is delivered to their subscriptions.`,
    'Give the key they were sealed with as well (VELAHOOK_ENCRYPTION_KEY=new,old), or give them new secrets.',
  );
}

/** What an error says, for a line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
