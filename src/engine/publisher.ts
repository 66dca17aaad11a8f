import { buildBody, dataTextOf } from '../domain/event.ts';
import { Refusal, workspaceDeleted } from '../domain/errors.ts';
import { newDeliveryId, newEventId } from '../domain/ids.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { EventCommit, NewDelivery, NewEvent } from '../store/contract/events.ts';
import type { StoredEvent } from '../store/contract/history.ts';
import type { Notice } from '../store/contract/subscriptions.ts';
import type { EventToPublish, Published } from './engine.ts';
import { cutFanout } from './fanout/fanout-cursor.ts';
import type { Sifted } from './fanout/sift.ts';
import { sift } from './fanout/sift.ts';
import type { SubscriptionIndex, WorkspaceSubscriptions } from './fanout/subscription-index.ts';

export interface PublisherDeps {
  index: SubscriptionIndex;
  submit: (event: NewEvent) => Promise<EventCommit>;
  clock: Clock;
  random: Random;
}

interface Outcome {
  newEvent: NewEvent;
  commit: EventCommit;
}

/** Joins intake and fan-out for one event: matches it, has it committed, and matches again when that was stale. */
export class Publisher {
  readonly #deps: PublisherDeps;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  async publish(event: EventToPublish): Promise<Published> {
    const { newEvent, commit } = await this.#submit(event);
    return published(newEvent, commit);
  }

  async #submit(event: EventToPublish, aboutSubscriptionId?: string): Promise<Outcome> {
    const { index, clock, random } = this.#deps;
    const now = clock.now();
    const header = {
      eventId: event.eventId ?? newEventId(now, random),
      eventType: event.eventType,
      timestamp: event.timestamp ?? new Date(now).toISOString(),
      workspaceId: event.workspaceId,
    };
    const body = buildBody(header, event.data);
    const submit = async (workspace: WorkspaceSubscriptions, version: number | null): Promise<Outcome> => {
      const { wanted: targets, filteredOut } = targetsOf(event, workspace, aboutSubscriptionId);
      const { now: atOnce, cursor } = cutFanout(targets);
      const newEvent: NewEvent = {
        ...header,
        origin: event.origin,
        eventIdGiven: event.eventId !== undefined,
        timestampGiven: event.timestamp !== undefined,
        orderingKey: event.orderingKey ?? null,
        idempotencyKey: event.idempotencyKey ?? null,
        body,
        dataBytes: event.data.length,
        deliveries: this.deliveriesTo(atOnce, 'ordered'),
        deliveryCount: targets.length,
        filteredOut,
        subscriptionVersion: version,
        matchedVersion: workspace.version,
        fanoutCursor: cursor,
      };
      return { newEvent, commit: await this.#deps.submit(newEvent) };
    };
    const known = index.peek(event.workspaceId) ?? (await index.get(event.workspaceId));
    const first = await submit(known, known.version);
    if (first.commit.outcome !== 'stale') return first;
    index.forget(event.workspaceId);
    // Read after this publish began, so that it has every change answered before: whatever changes from now on, as
    // busy as the workspace may be, is later than this event.
    return submit(await index.get(event.workspaceId), null);
  }

  /**
   * Publishes a notice under its own event id, so that doing it again after a crash makes no second event. One of a
   * workspace that was deleted since is nobody's: it makes none.
   */
  async publishNotice(notice: Notice): Promise<void> {
    await this.#submit(
      {
        workspaceId: notice.workspaceId,
        origin: 'operational',
        eventId: notice.eventId,
        eventType: notice.eventType,
        timestamp: new Date(notice.createdAt).toISOString(),
        data: Buffer.from(notice.data),
      },
      notice.subscriptionId ?? undefined,
    );
  }

  /** Whom the event would go to if it were published now, active or not. */
  async listMatching({ workspaceId, eventType, body }: StoredEvent): Promise<readonly Subscription[]> {
    const workspace = await this.#deps.index.get(workspaceId);
    return sift(workspace.match(eventType), workspace, () => dataTextOf(body)).wanted;
  }

  /** `ordered`: those that are ordered are so; else none is. */
  deliveriesTo(subscriptions: readonly Subscription[], order: 'ordered' | 'unordered'): NewDelivery[] {
    const now = this.#deps.clock.now();
    return subscriptions.map((subscription) => ({
      id: newDeliveryId(now, this.#deps.random),
      subscriptionId: subscription.id,
      generation: subscription.generation,
      state: subscription.status === 'active' ? 'pending' : 'skipped',
      ...(order === 'ordered' && subscription.ordered && { ordered: true as const }),
    }));
  }
}

/** An event about a subscription is never sent to it: a receiver that fails would be told so by failing. */
function targetsOf(
  event: EventToPublish,
  workspace: WorkspaceSubscriptions,
  aboutSubscriptionId: string | undefined,
): Sifted {
  if (event.onlyTo) {
    const only = workspace.find(event.onlyTo.subscriptionId);
    if (only?.status !== 'active') {
      throw new Refusal('CONFLICT', 'The subscription is not active; set it active first.');
    }
    // Who asks for a test event wants to see it, whatever the filter.
    return { wanted: [only], filteredOut: null };
  }
  const matches = workspace.match(event.eventType);
  const others =
    aboutSubscriptionId === undefined ? matches : matches.filter(({ id }) => id !== aboutSubscriptionId);
  return sift(others, workspace, () => Buffer.from(event.data).toString('utf8'));
}

function published(event: NewEvent, commit: EventCommit): Published {
  if (commit.outcome === 'stale') throw new Error('An event was stale that named no version.');
  if (commit.outcome === 'no_workspace') throw workspaceDeleted();
  if (commit.outcome === 'conflict') throw conflict(commit.field);
  if (commit.outcome === 'duplicate') {
    const { deliveryCount, ...first } = commit.event;
    return { ...first, workspaceId: event.workspaceId, deliveries: deliveryCount, duplicate: true };
  }
  const only = event.origin === 'test' ? event.deliveries[0] : undefined;
  return {
    eventId: event.eventId,
    eventType: event.eventType,
    timestamp: event.timestamp,
    workspaceId: event.workspaceId,
    orderingKey: event.orderingKey,
    deliveries: event.deliveryCount,
    duplicate: false,
    ...(only ? { deliveryId: only.id } : {}),
  };
}

function conflict(field: string): Refusal {
  return new Refusal(
    'CONFLICT',
    `An event with this eventId or Idempotency-Key is stored already, with another ${field}. ` +
      'Publish new content under a new one.',
  );
}
