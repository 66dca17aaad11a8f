import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EndReason } from '../domain/delivery.ts';
import type { Erasure } from '../domain/erasure.ts';
import { dataOf, withoutData } from '../domain/event.ts';
import { parseJsonPath } from '../domain/json-path.ts';
import type { Subject } from '../domain/subject.ts';
import { mentions, readSubjectValue, subjectOf } from '../domain/subject.ts';
import type { Clock } from '../lib/clock.ts';
import type { ErasureStep, FoundEvent } from '../store/contract/erasures.ts';
import type { EventKey } from '../store/contract/events.ts';
import type { CancelledDelivery } from '../store/contract/replays.ts';
import type { Store } from '../store/store.ts';
import type { Activity } from './activity/activity.ts';
import type { JobPace } from './job-runner.ts';
import { JobRunner } from './job-runner.ts';
import type { EngineLog } from './telemetry.ts';

/** At most 4,000 small events a second, or 10 MiB of large ones. */
const STEP_MS_MIN = 50;
const STEP_MS_MAX = 1_000;
/** So many times as long as a step took is waited for before the next: whoever else uses the store has most of it. */
const REST_PER_WORK = 4;
/** Deliveries of the events that one step erases, of which all may be pending: some 25 ms of the store's time. */
const DELIVERIES_PER_STEP = 500;

/** Looked through in one turn of the event loop: a millisecond or two, where the value may be in it. */
const BYTES_PER_TURN = 64 * 1024;

export interface ErasureRunnerDeps {
  store: Pick<Store, 'listOpenErasures' | 'listErasable' | 'continueErasure'>;
  /** The JSON text of the value that it looks for; throws when the key is missing. */
  openValue: (erasure: Erasure) => string;
  /** An event was erased: what is in memory of it is to be forgotten. */
  onErased: (event: EventKey) => void;
  /** Takes cancelled deliveries out of the lanes here. */
  withdraw: (cancelled: readonly CancelledDelivery[], reason: EndReason) => void;
  activity: Pick<Activity, 'eventErased'>;
  clock: Clock;
  log: EngineLog;
}

/** Goes on with erasures: see {@link JobRunner}. The value that is looked for is in no message. */
export function createErasureRunner(deps: ErasureRunnerDeps): JobRunner<Erasure, JobPace> {
  const { store, clock, log } = deps;
  return new JobRunner({
    noun: 'erasure',
    listOpen: (limit) => store.listOpenErasures(limit),
    firstPace: { waitMs: STEP_MS_MIN },
    clock,
    log,
    async step(erasure) {
      const began = clock.monotonic();
      const step = await plan(deps, erasure);
      const commit = await store.continueErasure(step, clock.now());
      if (commit === null) return null;
      deps.withdraw(
        commit.erased.flatMap(({ cancelled }) => cancelled),
        'erased',
      );
      for (const event of commit.erased) {
        deps.onErased({ workspaceId: erasure.workspaceId, eventId: event.eventId });
        deps.activity.eventErased(commit.erasure, event);
      }
      if (commit.erasure.finishedAt !== null) tellEnd(log, commit.erasure);
      const restMs = REST_PER_WORK * (clock.monotonic() - began);
      const waitMs = Math.min(Math.max(restMs, STEP_MS_MIN), STEP_MS_MAX);
      return { steps: commit.erasure.steps, pace: { waitMs } };
    },
  });
}

async function plan({ store, openValue }: ErasureRunnerDeps, erasure: Erasure): Promise<ErasureStep> {
  const subject = readSubject(erasure, openValue);
  const { events, isLast } = await store.listErasable(erasure);
  const { workspaceId, id: erasureId, steps } = erasure;
  const found: FoundEvent[] = [];
  let deliveries = 0;
  let bytes = 0;
  for (const [i, { eventId, eventType, at, deliveryCount, dataBytes, body }] of events.entries()) {
    if (body === null) continue;
    bytes += dataBytes;
    if (bytes > BYTES_PER_TURN) {
      await nextTurn();
      bytes = dataBytes;
    }
    if (!mentions(dataOf(body, dataBytes), subject)) continue;
    const erasedBody = withoutData(body, dataBytes);
    found.push({ eventId, eventType, at, examined: i + 1, erasedBody });
    deliveries += 1 + deliveryCount;
    // What is behind it is looked at again by the next step.
    if (deliveries >= DELIVERIES_PER_STEP && i + 1 < events.length)
      return { workspaceId, erasureId, steps, found, examined: i + 1, position: at };
  }
  const position = isLast ? null : (events.at(-1)?.at ?? null);
  return { workspaceId, erasureId, steps, found, examined: events.length, position };
}

function readSubject(erasure: Erasure, openValue: ErasureRunnerDeps['openValue']): Subject {
  const path = parseJsonPath(erasure.path);
  const value = readSubjectValue(openValue(erasure));
  if (path === undefined || value === undefined) throw new Error('The erasure looks for nothing.');
  return subjectOf(path, value);
}

function tellEnd(
  log: EngineLog,
  { id: erasureId, workspaceId, state, examined, erased, cancelled }: Erasure,
): void {
  log.info({ erasureId, workspaceId, state, examined, erased, cancelled }, 'an erasure has ended');
}
