import type { PendingDelivery } from '../../domain/delivery.ts';
import type { RecordVerdict } from '../record-verdict.ts';
import { SUPERSEDED, answerAgain, judgeRecord } from '../record-verdict.ts';
import type { AttemptToRecord, RecordResult, RecordStore } from '../contract/records.ts';
import { bigintArray, textArray } from './binary-array.ts';
import { statement } from './database.ts';
import type { WriteNeeds } from './group-commit.ts';
import type { KeyInOrder } from './key-order.ts';
import { advanceKeys } from './key-order.ts';
import type { KeptLanes } from './lane-upkeep.ts';
import { keepLanes, readTargets, tellOthers } from './lane-upkeep.ts';
import { isLiveForShare } from './node-lease.ts';
import type { StoreParts } from './parts.ts';
import type { RecordedDelivery } from './recorded-deliveries.ts';
import {
  attemptKey,
  findStoredAttempts,
  lockDeliveries,
  storeAttempts,
  storeDeliveries,
} from './recorded-deliveries.ts';
import type { SubscriptionKey } from './switch-off.ts';
import { endFailing, switchOff } from './switch-off.ts';
import type { Transaction } from './transaction.ts';

/** One statement for three tables in which there is nothing to be found in good times. */
const clearTroubles = statement(`
WITH announced AS (DELETE FROM velahook.announcements WHERE delivery_id = ANY ($1::text[])),
  ended AS (DELETE FROM velahook.subscription_health WHERE subscription_id = ANY ($2::text[]))
UPDATE velahook.lanes SET suspect = false WHERE subscription_id = ANY ($3::text[]) AND suspect`);
const countFailures = statement(`
INSERT INTO velahook.subscription_health AS health (subscription_id, failing_since, failed_deliveries)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS given (id, since, failed) ORDER BY id
ON CONFLICT (subscription_id) DO UPDATE SET failed_deliveries = health.failed_deliveries + excluded.failed_deliveries
WHERE excluded.failed_deliveries > 0`);

/** What a batch has taught about a subscription. */
interface Lesson {
  /** It has answered: whatever was counted before is over. */
  hasSucceeded: boolean;
  /** Since when it has been failing after that, or undefined when it has not. */
  failingSince?: number | undefined;
  failedDeliveries: number;
}

/**
 * Stage 5, the part in the database: attempts, their deliveries' next states and their subscriptions' health, in one
 * commit. A batch costs five statements and two round trips, whatever its size: the node's lease, the deliveries found
 * and locked; then the attempts, the deliveries moved (those to be retried by one more) and troubles cleared, with
 * COMMIT. What the records mean is decided in between, in memory, one after the other.
 *
 * Of ordered deliveries that have ended, the next of each key is made due, by a few statements more.
 *
 * Locks: the lanes' shared ones while a failure is recorded, so that nothing is counted against a subscription that
 * is being switched off (for a 410, which does so, the exclusive ones); the deliveries in order of their ids.
 */
export function recordCalls({ writes, signals }: StoreParts): RecordStore {
  return {
    async recordAttempts(epoch, records, now) {
      if (records.length === 0) return [];
      const { results, switchedOff, kept } = await writes.write(
        (session) => new Batch(session, epoch, Math.round(now)).record(records),
        needsOf(records),
      );
      for (const { workspaceId, subscriptionId } of switchedOff)
        signals.subscriptionChanged(workspaceId, subscriptionId);
      if (kept !== null) tellOthers(signals, kept);
      return results;
    },
  };
}

function needsOf(records: readonly AttemptToRecord[]): WriteNeeds {
  const failed = records.filter(({ attempt }) => attempt.outcome !== 'success');
  const gone = failed.filter(({ deactivation }) => deactivation !== null);
  const idsOf = (some: readonly AttemptToRecord[]) => [
    ...new Set(some.map(({ subscriptionId }) => subscriptionId)),
  ];
  // The end of an ordered delivery makes the next of its key due: no intake may be adding one meanwhile.
  const ordered = records.filter(({ orderKey, next }) => orderKey !== undefined && next.state !== 'pending');
  const exclusive = idsOf([...gone, ...ordered]);
  return { shared: idsOf(failed), exclusive, runsBeside: exclusive.length === 0 };
}

/** One try of one batch. */
class Batch {
  readonly #session: Transaction;
  readonly #epoch: number;
  readonly #now: number;
  readonly #stored: AttemptToRecord[] = [];
  readonly #lessons = new Map<string, Lesson>();
  readonly #switchedOff: SubscriptionKey[] = [];
  #isLive = false;
  #deliveries = new Map<string, RecordedDelivery>();
  #known = new Set<string>();

  constructor(session: Transaction, epoch: number, now: number) {
    this.#session = session;
    this.#epoch = epoch;
    this.#now = now;
  }

  async record(
    records: readonly AttemptToRecord[],
  ): Promise<{ results: RecordResult[]; switchedOff: SubscriptionKey[]; kept: KeptLanes | null }> {
    // In this order: who is judged live stays so while it waits for the deliveries.
    [this.#isLive, this.#deliveries] = await Promise.all([
      isLiveForShare(this.#session, this.#epoch),
      lockDeliveries(this.#session, records),
    ]);
    this.#known = await findStoredAttempts(this.#session, records, this.#deliveries);
    const results: RecordResult[] = [];
    for (const record of records) results.push(await this.#recordOne(record));
    if (this.#stored.length > 0) this.#write();
    const { next, kept } = await this.#advance();
    const told = results.map((result, i) => {
      const made = next.get(records[i]?.deliveryId ?? '');
      return made === undefined ? result : { ...result, next: made };
    });
    return { results: told, switchedOff: this.#switchedOff, kept };
  }

  /** Makes the next due of each key of which a delivery has ended: by the id of that one. */
  async #advance(): Promise<{ next: Map<string, PendingDelivery>; kept: KeptLanes | null }> {
    const ended = new Map<string, KeyInOrder & { id: string }>();
    for (const { id, orderKey, isPending, state, ...delivery } of this.#deliveries.values()) {
      const { subscriptionId, generation, currentGeneration } = delivery;
      if (orderKey === null || !isPending || state === 'pending' || generation !== currentGeneration)
        continue;
      ended.set(nameOf({ subscriptionId, orderKey }), { id, subscriptionId, generation, orderKey });
    }
    const next = new Map<string, PendingDelivery>();
    const made = await advanceKeys(this.#session, [...ended.values()], this.#now);
    if (made.length === 0) return { next, kept: null };
    for (const delivery of made) next.set(ended.get(nameOf(delivery))?.id ?? '', delivery);
    // The lane may be another node's by now, or nobody's.
    const targets = await readTargets(this.#session, [
      ...new Set(made.map(({ subscriptionId }) => subscriptionId)),
    ]);
    const keeping = { epoch: this.#epoch, isLive: this.#isLive, takeLanes: false, now: this.#now };
    const kept = await keepLanes(this.#session, keeping, [...targets.values()]);
    return { next, kept };
  }

  async #recordOne(record: AttemptToRecord): Promise<RecordResult> {
    const delivery = this.#deliveries.get(record.deliveryId);
    if (delivery === undefined) return SUPERSEDED;
    const verdict = judgeRecord(delivery, record, this.#isLive, this.#now);
    if (verdict === 'superseded') return SUPERSEDED;
    const key = attemptKey(delivery.id, record.attempt);
    if (verdict === 'not_next') return answerAgain(delivery, this.#known.has(key));
    this.#known.add(key);
    this.#stored.push(record);
    const { attempt } = record;
    Object.assign(delivery, verdict.end, {
      attempts: attempt.number,
      firstAttemptAt: delivery.firstAttemptAt ?? Math.round(attempt.startedAt),
      last: attempt,
    });
    this.#learn(delivery.subscriptionId, record, verdict);
    return { result: verdict.result, deactivated: await this.#switchOff(delivery, verdict) };
  }

  /** As if each record were written by itself: a success ends what was counted before, failures after it begin anew. */
  #learn(subscriptionId: string, { attempt, next }: AttemptToRecord, { isCurrent }: RecordVerdict): void {
    if (attempt.outcome === 'success') {
      this.#lessons.set(subscriptionId, { hasSucceeded: true, failedDeliveries: 0 });
    } else if (isCurrent) {
      const lesson = this.#lessons.get(subscriptionId) ?? { hasSucceeded: false, failedDeliveries: 0 };
      lesson.failingSince ??= Math.round(attempt.startedAt);
      if (next.state === 'failed') lesson.failedDeliveries += 1;
      this.#lessons.set(subscriptionId, lesson);
    }
  }

  async #switchOff(delivery: RecordedDelivery, { notice }: RecordVerdict): Promise<boolean> {
    if (notice === null) return false;
    const { workspaceId, subscriptionId } = delivery;
    const key = { workspaceId, subscriptionId };
    const lesson = this.#lessons.get(subscriptionId);
    // It missed nothing before a success, though what ends the failing period is only written at the end.
    if (lesson?.hasSucceeded === true) await endFailing(this.#session, subscriptionId);
    if (!(await switchOff(this.#session, key, 'gone', notice, this.#now, lesson?.failingSince))) return false;
    this.#switchedOff.push(key);
    // The failing period is over, and what else of the subscription is in this batch is of an older generation.
    this.#lessons.delete(subscriptionId);
    for (const other of this.#deliveries.values())
      if (other.subscriptionId === subscriptionId) other.currentGeneration += 1;
    return true;
  }

  #write(): void {
    refuseSharedIds(this.#stored);
    storeAttempts(this.#session, this.#stored, this.#deliveries);
    storeDeliveries(this.#session, [...this.#deliveries.values()]);
    const lessons = [...this.#lessons];
    const succeeded = lessons.filter(([, { hasSucceeded }]) => hasSucceeded).map(([id]) => id);
    const subscriptionIds = [...new Set(this.#stored.map(({ subscriptionId }) => subscriptionId))];
    this.#session.send(clearTroubles, [
      textArray(this.#stored.map(({ deliveryId }) => deliveryId)),
      textArray(succeeded),
      textArray(subscriptionIds),
    ]);
    const failing = lessons.filter(([, { failingSince }]) => failingSince !== undefined);
    if (failing.length === 0) return;
    this.#session.send(countFailures, [
      textArray(failing.map(([id]) => id)),
      bigintArray(failing.map(([, { failingSince }]) => failingSince ?? null)),
      bigintArray(failing.map(([, { failedDeliveries }]) => failedDeliveries)),
    ]);
  }
}

function nameOf({ subscriptionId, orderKey }: Pick<KeyInOrder, 'subscriptionId' | 'orderKey'>): string {
  return `${subscriptionId} ${orderKey}`;
}

/** An attempt is of one delivery; partitions cannot say so by an index. */
function refuseSharedIds(records: readonly AttemptToRecord[]): void {
  if (new Set(records.map(({ attempt }) => attempt.id)).size < records.length)
    throw new Error('Two attempts of one batch have the same id.');
}
