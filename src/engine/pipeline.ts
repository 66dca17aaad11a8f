/**
 * The engine: joins the five stages. Read it top to bottom as an event's way:
 *
 *     publish ─▶ intake + fanout ─▶ schedule ─▶ dispatch ─▶ record ─▶ (retry: back to schedule)
 *
 * The stages know nothing of each other. What they hand on is in the store before it is in memory, so that a
 * crash anywhere costs at most an attempt made twice.
 */
import type { AuditEntry } from '../domain/audit.ts';
import type { DeactivationRule } from '../domain/deactivation.ts';
import type { PendingDelivery } from '../domain/delivery.ts';
import type { Erasure } from '../domain/erasure.ts';
import { dataTextOf } from '../domain/event.ts';
import { newAttemptId, newEventId } from '../domain/ids.ts';
import type { RetryPolicy } from '../domain/retry-policy.ts';
import type { OpenedSubscription } from '../domain/signing.ts';
import type { Subscription } from '../domain/subscription.ts';
import { TIMEOUT_MS_MAX } from '../domain/subscription.ts';
import type { Clock } from '../lib/clock.ts';
import { steadyClock } from '../lib/steady-clock.ts';
import type { Random } from '../lib/random.ts';
import type { AttemptToRecord, Deactivation, RecordResult } from '../store/contract/records.ts';
import type { CommitResult, NewEvent, UnfinishedFanout } from '../store/contract/events.ts';
import type { StoredEvent } from '../store/contract/history.ts';
import type { StoreSignal } from '../store/contract/signals.ts';
import type { Store } from '../store/store.ts';
import type { Activity } from './activity/activity.ts';
import type { AttemptOrder, AttemptResult, Dispatcher } from './dispatch/attempt-order.ts';
import type {
  CancelOutcome,
  Engine,
  EngineStatus,
  EventToPublish,
  Published,
  ReplayOutcome,
  ReplayRequest,
} from './engine.ts';
import { Background } from './background.ts';
import { FanoutFinisher, pendingOf } from './fanout/fanout-finisher.ts';
import { SubscriptionIndex } from './fanout/subscription-index.ts';
import type { EndedFlight, Flight } from './flight.ts';
import { recordOf, retryOf } from './flight.ts';
import { Flights } from './flights.ts';
import { Handover } from './handover.ts';
import { Intake } from './intake/intake.ts';
import { Jobs } from './jobs.ts';
import type { CommittedLanes, LaneKeeper } from './lane-keeper.ts';
import { Membership } from './membership.ts';
import type { NodeLease } from './node-lease.ts';
import { Publisher } from './publisher.ts';
import { Recorder } from './record/recorder.ts';
import type { PickedDelivery, SchedulerLimits } from './schedule/scheduler.ts';
import { Scheduler } from './schedule/scheduler.ts';
import type { EngineLog, EngineMetrics } from './telemetry.ts';
import { noticeAbout } from './upkeep.ts';

/** Attempts in flight: each holds a connection of 100–200 KiB and a body. */
const DEFAULT_SLOTS: SchedulerLimits = { slots: 512, slotsPerWorkspace: 256, slotsPerOrigin: 100 };
/** Picked at once; then whatever else happened in the meantime has its turn. */
const PICKS_PER_TURN = 64;
/** Ended attempts that wait for the store hold their memory; past this no further attempt is started. */
const RECORDS_WAITING_MAX = 2_000;
/** After a fault of ours (no sockets, no network, no resolver) a lane rests so long. */
const FAULT_REST_MS = 2_000;
/** An attempt that keeps killing its node is made this often; then its delivery fails and says so. */
const DEATHS_MAX = 3;
/** When the grace is over, what has ended is still written down. */
const LAST_RECORDS_MS = 2_000;

export interface PipelineDeps {
  store: Store;
  dispatcher: Dispatcher;
  open: (subscription: Subscription) => OpenedSubscription;
  /** The value that an erasure looks for: see {@link ErasureRunnerDeps.openValue}. */
  openErasure: (erasure: Erasure) => string;
  clock: Clock;
  random: Random;
  retryPolicy: RetryPolicy;
  deactivationRule: DeactivationRule;
  retentionDays: number;
  /** See {@link BacklogWatchDeps.limitMs}. */
  backlogAlertMs: number;
  /** Whether this node owns lanes and makes attempts; one that does not only takes events in. */
  delivers?: boolean;
  slots?: SchedulerLimits;
  /** Who watches what happens here. */
  activity: Activity;
  /** Somebody listens to a workspace's stream, or it grew, on another node. */
  onStreamSignal: (signal: StoreSignal & { workspaceId: string }) => void;
  log: EngineLog;
  metrics: EngineMetrics;
}

export class Pipeline implements Engine {
  readonly #deps: PipelineDeps;
  /** What attempts are scheduled by; the wall clock only dates events. */
  readonly #clock: Clock;
  readonly #index: SubscriptionIndex;
  readonly #intake: Intake<CommitResult & CommittedLanes>;
  readonly #publisher: Publisher;
  readonly #fanouts: FanoutFinisher<CommittedLanes>;
  readonly #scheduler: Scheduler;
  readonly #lanes: LaneKeeper;
  readonly #handover: Handover;
  readonly #recorder: Recorder<EndedFlight>;
  readonly #background: Background;
  readonly #jobs: Jobs;
  readonly #membership: Membership;
  readonly #lease: NodeLease;
  readonly #flights: Flights;
  #isStopping = false;
  #pumpIsDue = false;
  #cancelWake: (() => void) | undefined;
  #wakeAt = Infinity;

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
    const { store, random } = deps;
    const clock = steadyClock(deps.clock);
    this.#clock = clock;
    this.#flights = new Flights((delayMs, run) => clock.after(delayMs, run));
    this.#index = new SubscriptionIndex((workspaceId) => store.loadSubscriptions(workspaceId));
    this.#scheduler = new Scheduler(deps.slots ?? DEFAULT_SLOTS, (lane) => this.#lanes.load(lane));
    this.#membership = new Membership({
      ...deps,
      scheduler: this.#scheduler,
      index: this.#index,
      clock,
      deathsMax: DEATHS_MAX,
      onWork: () => this.#pumpSoon(),
      nothingInFlight: () => this.#flights.none(),
    });
    this.#lanes = this.#membership.lanes;
    this.#lease = this.#membership.lease;
    this.#intake = new Intake({
      commit: (events) => {
        const takeLanes = this.#lanes.hasRoomFor(events.flatMap(({ deliveries }) => deliveries));
        return this.#membership.commit((epoch) => store.commitEvents(epoch, events, takeLanes, clock.now()));
      },
      onCommitted: (events, result) => this.#committed(events, result),
      monotonic: () => clock.monotonic(),
    });
    this.#publisher = new Publisher({
      index: this.#index,
      submit: (event) => this.#intake.submit(event),
      clock: deps.clock,
      random,
    });
    this.#handover = new Handover({
      index: this.#index,
      loadBodies: (keys) => store.loadBodies(keys),
      open: deps.open,
      now: () => deps.clock.now(),
      announce: (deliveryId) => store.announceAttempt(this.#lease.epoch, deliveryId),
      newAttemptId: () => newAttemptId(clock.now(), random),
      startBy: (timeoutMs) => this.#lease.startBy(timeoutMs),
      onOrders: (orders, picks) => this.#ordered(orders, picks),
      onOtherLimit: (pick, rateLimit) => {
        this.#scheduler.limitRate(pick.lane, rateLimit, clock.now());
        this.#heldBack(pick);
      },
      onStale: (pick) => this.#dropped(pick),
      onFault: (pick, error) => this.#faulted(pick, error),
    });
    this.#recorder = this.#createRecorder();
    this.#fanouts = this.#createFanouts();
    this.#background = this.#createBackground();
    this.#jobs = new Jobs({
      ...deps,
      clock,
      delivers: deps.delivers !== false,
      membership: this.#membership,
      openValue: deps.openErasure,
      onErased: (event) => this.#handover.forget(event),
      onWork: () => this.#pumpSoon(),
    });
    deps.dispatcher.onResults((results) => this.#ended(results));
  }

  /** Registers the node and starts delivering what the store holds. Resolves when events can be taken. */
  async start(): Promise<void> {
    this.#deps.store.onSignal((signal) => this.#heard(signal));
    if (this.#deps.delivers !== false) await this.#membership.start();
    this.#jobs.want();
    this.#background.start();
  }

  /**
   * Takes nothing new, lets attempts in flight end for at most `graceMs`, records them and gives all lanes back.
   * What is cut off is attempted again by whoever has its lane next.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#cancelWake?.();
    await this.#intake.close();
    await Promise.all([this.#membership, this.#background, this.#jobs].map((part) => part.stop()));
    const cutOff = await this.#flights.landed(graceMs);
    if (cutOff > 0) this.#deps.log.warn({ attempts: cutOff }, 'the grace is over; attempts are cut off');
    try {
      // What could not be recorded leaves this node to be found dead: its lanes are suspect to the next.
      if (!(await this.#recorder.drain(LAST_RECORDS_MS))) return;
      await this.#background.statistics.flush().catch((error: unknown) => {
        this.#deps.log.warn({ err: error }, 'the last statistics could not be written');
      });
      await this.#membership.leave();
    } finally {
      this.#lease.stop();
      await this.#deps.dispatcher.close();
    }
  }

  publish(event: EventToPublish): Promise<Published> {
    return this.#publisher.publish(event);
  }

  listMatching(event: StoredEvent): Promise<readonly Subscription[]> {
    return this.#publisher.listMatching(event);
  }

  replay(requests: readonly ReplayRequest[], audit?: AuditEntry): Promise<ReplayOutcome[]> {
    return this.#jobs.replayer.replay(requests, audit);
  }

  cancelDelivery(workspaceId: string, deliveryId: string, audit?: AuditEntry): Promise<CancelOutcome> {
    return this.#jobs.replayer.cancel(workspaceId, deliveryId, audit);
  }

  jobsChanged(): void {
    this.#jobs.want();
  }

  subscriptionsChanged(workspaceId: string, subscriptionId: string): void {
    this.#background.wantUpkeep();
    this.#membership.subscriptionChanged(workspaceId, subscriptionId);
    this.#deps.activity.subscriptionChanged(workspaceId, subscriptionId);
  }

  settingsChanged(workspaceId: string): void {
    this.#index.forget(workspaceId);
  }

  flushStatistics(): Promise<void> {
    return this.#background.statistics.flushForReading();
  }

  isLive(): boolean {
    return this.#lease.isHeld;
  }

  isDelivering(deliveryId: string): boolean {
    return this.#flights.has(deliveryId);
  }

  status(): EngineStatus {
    return {
      eventsWaiting: this.#intake.waiting,
      attemptsInFlight: this.#scheduler.inFlight,
      lanesOwned: this.#scheduler.laneCount,
      lanesUnhealthy: [...this.#scheduler.lanes()].filter((lane) => lane.health.condition === 'unhealthy')
        .length,
      recordsWaiting: this.#recorder.waiting,
    };
  }

  #heard(signal: StoreSignal): void {
    if (signal.kind === 'stream-opened' || signal.kind === 'stream-grew') this.#deps.onStreamSignal(signal);
    else this.#membership.heard(signal);
  }

  /** 1, 2 → 3: events are on disk; their deliveries go to their lanes. */
  #committed(events: readonly NewEvent[], result: CommitResult & CommittedLanes): void {
    const now = this.#clock.now();
    const pending: PendingDelivery[] = [];
    const counts = { stored: 0, duplicate: 0, conflict: 0, stale: 0, no_workspace: 0 };
    events.forEach((event, i) => {
      const outcome = result.events[i]?.outcome ?? 'stale';
      counts[outcome] += 1;
      if (outcome !== 'stored') return;
      if (event.origin === 'published') this.#background.statistics.countPublished(event.workspaceId, now);
      const skipped = event.deliveries.filter((delivery) => delivery.state === 'skipped').length;
      if (skipped > 0) this.#deps.metrics.deliveryEnded('skipped', skipped);
      if (event.deliveries.length > skipped) this.#handover.remember(event);
      pending.push(...pendingOf(event, now));
      if (event.fanoutCursor !== null) {
        const { fanoutCursor, matchedVersion = null } = event;
        this.#finishFanout({ ...event, fanoutCursor, matchedVersion });
      }
    });
    this.#lanes.admit(result, pending);
    this.#deps.activity.eventsCommitted(events, result.events);
    this.#deps.metrics.eventsCommitted(counts.stored, counts.duplicate, counts.conflict);
    this.#pump();
  }

  #finishFanout(fanout: UnfinishedFanout): void {
    this.#fanouts.finish(fanout).catch((error: unknown) => {
      this.#deps.log.warn(
        { err: error, eventId: fanout.eventId },
        'a fan-out was cut short; upkeep goes on with it',
      );
    });
  }

  /** 3 → 4: takes slots for what may start now, and hands it over. */
  #pump(): void {
    if (this.#isStopping || this.#recorder.isFailing || this.#recorder.waiting > RECORDS_WAITING_MAX) return;
    if (!this.#lease.mayStart(TIMEOUT_MS_MAX)) return;
    const picks = this.#scheduler.pick(this.#clock.now(), PICKS_PER_TURN);
    this.#flights.picked(picks);
    this.#handover.hand(picks);
    if (picks.length === PICKS_PER_TURN) this.#pumpSoon();
    else this.#wakeWhenDue();
  }

  #pumpSoon(): void {
    if (this.#pumpIsDue) return;
    this.#pumpIsDue = true;
    setImmediate(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }

  #wakeWhenDue(): void {
    const at = this.#scheduler.nextWakeAt();
    if (at === this.#wakeAt) return;
    this.#cancelWake?.();
    this.#wakeAt = at;
    if (at === Infinity) return;
    this.#cancelWake = this.#clock.after(at - this.#clock.now(), () => {
      this.#wakeAt = Infinity;
      this.#pump();
    });
  }

  #ordered(orders: readonly AttemptOrder[], picks: readonly PickedDelivery[]): void {
    // Prepared while the stop began: they stay pending in the store.
    if (this.#isStopping) return;
    const { epoch } = this.#lease;
    const now = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    const inTime: AttemptOrder[] = [];
    orders.forEach((order, i) => {
      const pick = picks[i];
      if (!pick) return;
      if (monotonic > order.startBy) return this.#heldBack(pick);
      this.#scheduler.started(pick, now);
      this.#flights.started({ epoch, pick, order });
      inTime.push(order);
    });
    this.#deps.dispatcher.dispatch(inTime);
    // The next of a limited lane is due when this one's token is there again.
    if (picks.some(({ lane }) => lane.gate !== null)) this.#wakeWhenDue();
  }

  /** 4 → 5: attempts ended; their slots are free, and what came of them is to be written. */
  #ended(results: readonly AttemptResult[]): void {
    const now = this.#clock.now();
    for (const { flight, result } of this.#flights.ended(results)) {
      if (result.kind === 'not_made') {
        this.#faulted(flight.pick, new Error(result.error));
        continue;
      }
      const { url } = flight.pick.lane;
      const isOfThisReceiver = url === null || url === flight.order.url;
      this.#scheduler.ended(flight.pick, isOfThisReceiver ? result : null, now);
      this.#deps.metrics.attemptEnded(result.outcome, result.durationMs);
      this.#recorder.add({ ...flight, made: result, endedAt: now });
    }
    this.#pump();
    this.#flights.tellLanded();
  }

  #gone({ pick: { delivery }, order }: Flight): Deactivation {
    const known = this.#index.peek(delivery.workspaceId)?.find(delivery.subscriptionId);
    const about = known ?? { id: delivery.subscriptionId, url: order.url, description: null };
    const eventId = newEventId(this.#clock.now(), this.#deps.random);
    return { url: order.url, notice: noticeAbout(about, eventId, 'gone') };
  }

  /** 5 → 3: the attempt is on disk; a retry goes back to its lane. */
  #recorded(
    { pick, made, endedAt }: EndedFlight,
    record: AttemptToRecord,
    { result, deactivated, next }: RecordResult,
  ): void {
    const { metrics, log, activity } = this.#deps;
    const { delivery } = pick;
    const { state } = record.next;
    this.#flights.left(delivery.id);
    this.#scheduler.recorded(
      pick,
      result === 'recorded' ? retryOf(delivery, record) : undefined,
      this.#clock.now(),
    );
    activity.attemptRecorded(delivery, record, result);
    if (result !== 'superseded') {
      const counted = { ...made, state: result === 'cancelled' ? ('cancelled' as const) : state };
      this.#background.statistics.count(delivery, counted, endedAt);
    }
    if (result === 'recorded' && state !== 'pending') metrics.deliveryEnded(state, 1);
    if (result === 'cancelled') metrics.deliveryEnded('cancelled', 1);
    if (next !== undefined) this.#lanes.nextOfKey(next);
    // Whatever its key waits for now, the store knows.
    if (result === 'superseded' && delivery.orderKey !== undefined)
      this.#scheduler.reload(pick.lane, this.#clock.now());
    if (result === 'superseded')
      log.warn({ deliveryId: delivery.id, attempt: record.attempt.id }, 'a result came too late');
    if (deactivated) {
      log.info({ subscriptionId: delivery.subscriptionId }, 'subscription deactivated: it answered 410');
      this.subscriptionsChanged(delivery.workspaceId, delivery.subscriptionId);
    }
  }

  #dropped(pick: PickedDelivery): void {
    this.#flights.left(pick.delivery.id);
    this.#scheduler.dropped(pick, this.#clock.now());
    this.#pumpSoon();
  }

  #faulted(pick: PickedDelivery, error: unknown): void {
    const now = this.#clock.now();
    this.#deps.log.warn(
      { err: error, deliveryId: pick.delivery.id },
      'an attempt could not be made; no fault of the receiver',
    );
    this.#deps.metrics.attemptNotMade();
    this.#flights.left(pick.delivery.id);
    this.#scheduler.notMade(pick, now + FAULT_REST_MS, now);
    this.#pumpSoon();
  }

  /** The store took so long that the lease might end before the attempt does: it waits for the next renewal. */
  #heldBack(pick: PickedDelivery): void {
    const now = this.#clock.now();
    this.#flights.left(pick.delivery.id);
    this.#scheduler.notMade(pick, now, now);
  }

  #createRecorder(): Recorder<EndedFlight> {
    const { store, retryPolicy, random, metrics, log } = this.#deps;
    return new Recorder<EndedFlight>({
      commit: (epoch, records) => store.recordAttempts(epoch, records, this.#clock.now()),
      toRecord: (flight) => {
        const deactivation = flight.made.statusCode === 410 ? this.#gone(flight) : null;
        return recordOf(flight, retryPolicy, random.fraction(), deactivation);
      },
      onRecorded: (flight, record, result) => this.#recorded(flight, record, result),
      onCommitted: (count) => {
        metrics.recordsCommitted(count);
        this.#pumpSoon();
      },
      onFailure: (error) => log.error({ err: error }, 'attempts could not be recorded; trying again'),
      after: (delayMs, run) => this.#clock.after(delayMs, run),
    });
  }

  #createFanouts(): FanoutFinisher<CommittedLanes> {
    const { store } = this.#deps;
    const clock = this.#clock;
    return new FanoutFinisher<CommittedLanes>({
      index: this.#index,
      listUnfinished: (limit) => store.listUnfinishedFanouts(limit),
      commit: (chunk) => {
        const takeLanes = this.#lanes.hasRoomFor(chunk.deliveries);
        return this.#membership.commit(async (epoch) => ({
          lanes: await store.continueFanout(epoch, chunk, takeLanes, clock.now()),
        }));
      },
      loadData: async (key) => {
        const [event] = await store.loadBodies([key]);
        if (!event?.body) throw new Error(`The payload of event ${key.eventId} is not stored any more.`);
        return dataTextOf(event.body);
      },
      // Those that were ordered when the event was published were in its own commit.
      deliveriesTo: (subscriptions) => this.#publisher.deliveriesTo(subscriptions, 'unordered'),
      onCommitted: (standings, pending) => {
        this.#lanes.admit(standings, pending);
        this.#pumpSoon();
      },
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      isShared: () => this.#lease.isShared || this.#deps.delivers === false,
      lookAgainIn: (delayMs) => clock.after(delayMs, () => this.#background.wantUpkeep()),
    });
  }

  #createBackground(): Background {
    return new Background({
      ...this.#deps,
      clock: this.#clock,
      finishFanouts: () => this.#fanouts.finishAll(),
      deliveriesInFlight: () => this.#flights.deliveryIds,
      publish: (notice) => this.#publisher.publishNotice(notice),
      onDeactivated: (workspaceId, subscriptionId) => this.subscriptionsChanged(workspaceId, subscriptionId),
    });
  }
}
