import type { Replay } from '../domain/replay.ts';
import type { Clock } from '../lib/clock.ts';
import type { ReplayStep, ReplayStepCommit } from '../store/contract/replays.ts';
import type { Store } from '../store/store.ts';
import { JobRunner } from './job-runner.ts';
import type { ReplayPace } from './replay-pace.ts';
import { FIRST_PACE, nextPace } from './replay-pace.ts';
import type { Replayer } from './replayer.ts';
import type { EngineLog } from './telemetry.ts';

export interface ReplayRunnerDeps {
  store: Pick<Store, 'listOpenReplays' | 'countReplayable' | 'listReplayable' | 'continueReplay'>;
  replayer: Pick<Replayer, 'commit'>;
  newDeliveryId: () => string;
  clock: Clock;
  log: EngineLog;
}

/** Goes on with replays: see {@link JobRunner}. */
export function createReplayRunner(deps: ReplayRunnerDeps): JobRunner<Replay, ReplayPace> {
  const { store, clock, log } = deps;
  return new JobRunner({
    noun: 'replay',
    listOpen: (limit) => store.listOpenReplays(limit),
    firstPace: FIRST_PACE,
    clock,
    log,
    async step(replay, pace) {
      const commit = await commitStep(deps, await plan(deps, replay, pace));
      if (commit === null) return null;
      const { waiting, made } = commit;
      if (commit.replay.finishedAt !== null) tellEnd(log, commit.replay);
      return { steps: commit.replay.steps, pace: nextPace(pace, { waiting, made: made.length }) };
    },
  });
}

async function plan(
  { store, newDeliveryId }: ReplayRunnerDeps,
  replay: Replay,
  { window }: ReplayPace,
): Promise<ReplayStep> {
  const { workspaceId, id: replayId, subscriptionId, steps, states } = replay;
  const base = { workspaceId, replayId, subscriptionId, steps, states, waitingMax: window, planned: [] };
  const counted = replay.isCounted ? {} : { counted: await store.countReplayable(replay, replay.countedTo) };
  if (replay.state !== 'running' || replay.isExhausted) return { ...base, ...counted };
  const { candidates, next } = await store.listReplayable(replay, replay.position, window);
  const planned = candidates.map((candidate) => ({ ...candidate, id: newDeliveryId() }));
  return { ...base, ...counted, planned, position: next };
}

async function commitStep(
  { store, replayer, clock }: ReplayRunnerDeps,
  step: ReplayStep,
): Promise<ReplayStepCommit | null> {
  let commit: ReplayStepCommit | null = null;
  await replayer.commit([step], async (epoch, takeLanes) => {
    commit = await store.continueReplay(epoch, step, takeLanes, clock.now());
    return commit ?? { lanes: [], made: [], cancelled: [] };
  });
  return commit;
}

function tellEnd(
  log: EngineLog,
  { id: replayId, workspaceId, state, made, succeeded, failed, cancelled, erased }: Replay,
): void {
  log.info(
    { replayId, workspaceId, state, made, succeeded, failed, cancelled, erased },
    'a replay has ended',
  );
}
