import type { ErrorCode } from '../domain/errors.ts';
import { Refusal } from '../domain/errors.ts';
import type { Engine, Published } from '../engine/engine.ts';
import type { BatchItem } from '../engine/intake/batch-request.ts';

/** Refusals that are about no single event. */
const OF_ALL: ReadonlySet<ErrorCode> = new Set(['UNAVAILABLE', 'UNAUTHORIZED']);

/** What became of one event of a batch; `error` is as it would have been thrown for that event alone. */
export type BatchResult = { event: Published & { warnings: string[] } } | { error: unknown };

/**
 * Publishes the events of a batch, each by itself: what is wrong with one is its own result. All of them wait for the
 * same group commits, in the order given, so that of two under one `eventId` the second is the duplicate.
 *
 * Throws, as a single publish would, when nothing was accepted for a reason that is none of the events' own: trying again
 * may help, or the workspace was just deleted. Then nothing is stored.
 */
export async function publishBatch(
  engine: Pick<Engine, 'publish'>,
  workspaceId: string,
  items: readonly BatchItem[],
): Promise<BatchResult[]> {
  const results = await Promise.all(
    items.map(async (item): Promise<BatchResult> => {
      if (item instanceof Refusal) return { error: item };
      const { warnings, ...event } = item;
      try {
        const published = await engine.publish({ ...event, workspaceId, origin: 'published' });
        return { event: { ...published, warnings } };
      } catch (error) {
        return { error };
      }
    }),
  );
  const errors = results.flatMap((result) => ('error' in result ? [result.error] : []));
  const ofAll = errors.find((error) => !(error instanceof Refusal) || OF_ALL.has(error.code));
  if (errors.length === results.length && ofAll !== undefined) throw ofAll;
  return results;
}
