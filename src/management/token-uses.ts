import type { Clock } from '../lib/clock.ts';
import { Routine } from '../lib/routine.ts';
import type { Log } from '../telemetry/log.ts';
import type { Tokens } from './tokens.ts';

/** As exactly as `lastUsedAt` is needed to find tokens that nobody uses any more. */
const INTERVAL_MS = 60_000;

/** Writes down every minute when tokens were used last, and once more when it is stopped; no request waits for it. */
export function keepTokenUses(
  tokens: Pick<Tokens, 'writeUses'>,
  clock: Pick<Clock, 'after'>,
  log: Pick<Log, 'warn'>,
): { stop(): Promise<void> } {
  const onError = (error: unknown): void => {
    log.warn({ err: error }, 'when tokens were used last could not be written down; it is tried again');
  };
  const routine = new Routine({
    run: () => tokens.writeUses(),
    waitMs: () => INTERVAL_MS,
    after: (delayMs, run) => clock.after(delayMs, run),
    onError,
  });
  routine.wantIn(INTERVAL_MS);
  return {
    async stop() {
      if (routine.isStopped) return;
      await routine.stop();
      await tokens.writeUses().catch(onError);
    },
  };
}
