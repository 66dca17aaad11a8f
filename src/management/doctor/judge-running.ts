import type { Finding } from './finding.ts';
import { bad, lengthOf, ok, warn } from './finding.ts';

/** What a server said to `GET /readyz`. */
export interface Readiness {
  url: string;
  /** `none`: nobody listens; `other`: whoever does is not Velahook. */
  answer: 'ready' | 'not_ready' | 'other' | 'none';
}

/** A commit that takes longer makes publishers wait. */
const COMMIT_WARN_MS = 1_000;

/**
 * Whether the server of these settings runs and is ready; null where the settings do not tell its port. `isHeld`: a
 * process has the embedded store.
 */
export function judgeRunning(asked: Readiness | null, isHeld: boolean): Finding {
  const check = 'readiness';
  if (asked === null) return ok(check, 'PORT is 0: no server can be asked.');
  const { url, answer } = asked;
  if (answer === 'ready') return ok(check, `The server at ${url} is ready.`);
  if (answer === 'not_ready')
    return bad(check, `The server at ${url} is not ready.`, 'Its log tells why; what follows here may, too.');
  if (answer === 'other')
    return warn(check, `${url} is not Velahook.`, 'Choose another PORT, or HOST: it cannot start there.');
  if (!isHeld) return ok(check, `No server runs at ${url}.`);
  return warn(
    check,
    `A process has the data directory, but none answers at ${url}.`,
    "Give the doctor the server's own HOST and PORT; if it has, see its log: it may hang.",
  );
}

/** Of the embedded store: the server that has it is asked whether it takes writes; without one, the files are looked at. */
export function judgeWritable(notWritable: string | null, asked: Readiness | null, isHeld: boolean): Finding {
  const check = 'writes';
  if (notWritable !== null)
    return bad(
      check,
      `This user cannot write ${notWritable}.`,
      'Run as the owner of the data directory, or change its mode.',
    );
  if (isHeld && asked?.answer === 'ready') return ok(check, 'The server commits.');
  return ok(check, isHeld ? 'The server has the store; it was not asked.' : 'The files can be written.');
}

/** Of a database: a row was committed, in so long. */
export function judgeCommit(ms: number): Finding {
  const found = `A row was committed in ${lengthOf(Math.max(1, ms))}.`;
  if (ms < COMMIT_WARN_MS) return ok('writes', found);
  return warn('writes', found, "See what the database's disk and its other clients do.");
}
