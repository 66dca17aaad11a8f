import type { Work } from '../../store/inspection.ts';
import type { Finding } from './finding.ts';
import { bad, lengthOf, ok, warn } from './finding.ts';

/** A node that keeps up has nothing that is due for longer than an attempt takes. */
const LATE_WARN_MS = 60_000;
const LATE_BAD_MS = 3_600_000;

/** Whether delivery keeps up. What waits for a failing receiver is that receiver's doing. */
export function judgeWork(work: Work, now: number): Finding[] {
  return [judgeBacklog(work, now), judgeFailing(work, now), judgeNodes(work)];
}

function judgeBacklog({ pending, oldestDueAt, nodesLive }: Work, now: number): Finding {
  const lateMs = oldestDueAt === null ? 0 : now - oldestDueAt;
  const found = `${pending} deliveries are pending`;
  if (lateMs < LATE_WARN_MS) return ok('backlog', `${found}; none is late.`);
  const late = `${found}; the oldest was due ${lengthOf(lateMs)} ago, though its subscription is not failing.`;
  const advice =
    nodesLive === 0
      ? 'Start the server: nobody delivers.'
      : 'See whether its receiver is slow, the node busy or its log full of faults; more nodes deliver more.';
  return lateMs >= LATE_BAD_MS ? bad('backlog', late, advice) : warn('backlog', late, advice);
}

function judgeFailing({ failing, failingSince, oldestDueToFailingAt }: Work, now: number): Finding {
  if (failing === 0) return ok('failing', 'No subscription fails.');
  const since = failingSince === null ? '' : `, the first for ${lengthOf(now - failingSince)}`;
  const waits =
    oldestDueToFailingAt === null || now - oldestDueToFailingAt < LATE_WARN_MS
      ? ''
      : `; deliveries wait for them since ${lengthOf(now - oldestDueToFailingAt)}`;
  return warn(
    'failing',
    `${failing} subscriptions fail${since}${waits}.`,
    'Their deliveries tell why: GET /api/v1/deliveries?state=pending. Tell their owners.',
  );
}

function judgeNodes({ nodesLive, nodesDead }: Work): Finding {
  const live = nodesLive === 1 ? '1 node is live' : `${nodesLive} nodes are live`;
  if (nodesDead === 0) return ok('nodes', `${live}.`);
  const dead = nodesDead === 1 ? '1 ended' : `${nodesDead} ended`;
  const found = `${live}; ${dead} without a word, and the lanes they had are not free yet.`;
  return warn(
    'nodes',
    found,
    nodesLive === 0
      ? 'Start the server: it takes them over.'
      : 'Look again in a few seconds: the others free them, or their logs say why not.',
  );
}
