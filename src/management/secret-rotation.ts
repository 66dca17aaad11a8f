import type { Caller } from '../domain/audit.ts';
import type { Mistake } from '../domain/errors.ts';
import { invalid } from '../domain/errors.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import { CannotOpen } from '../lib/keyring.ts';
import type { Random } from '../lib/random.ts';
import type { AuditStore } from '../store/contract/audit.ts';
import type { SubscriptionChange, SubscriptionStore } from '../store/contract/subscriptions.ts';
import type { AuditedChange } from './audit-log.ts';
import { auditEntry } from './audit-log.ts';
import { findSubscription, noSuchSubscription } from './find-subscription.ts';
import type { SubscriptionSeals } from './subscription-seals.ts';
import { isoOf } from './subscription-view.ts';

/** A day: long enough for a customer to roll out a new secret, short enough for an old one that leaked. */
export const OVERLAP_HOURS_DEFAULT = 24;
/** A week: a rotation that nobody has carried out by then was given up. */
export const OVERLAP_HOURS_MAX = 168;
const HOUR_MS = 3_600_000;

export interface SecretRotationDeps {
  store: Pick<SubscriptionStore, 'findSubscription' | 'updateSubscription'> & Pick<AuditStore, 'appendAudit'>;
  engine: Pick<Engine, 'subscriptionsChanged'>;
  seals: SubscriptionSeals;
  clock: Clock;
  random: Random;
}

export interface RotationRequest {
  secret?: string;
  overlapHours?: number;
}

/** The signing secret in clear. */
export interface RevealedSecret {
  secret: string;
  /** What still signs as well, while a rotation runs. */
  previousSecret: string | null;
  rotationEndsAt: string | null;
}

/** What customers do with signing secrets. Everything throws a `Refusal` where the API is to answer one. */
export class SecretRotation {
  readonly #deps: SecretRotationDeps;

  constructor(deps: SecretRotationDeps) {
    this.#deps = deps;
  }

  /**
   * Answers the subscription, and the new secret if it was generated: it is shown only here and by {@link reveal}.
   * `found`: what the schema has found wrong with the request.
   */
  async rotate(
    by: Caller,
    workspaceId: string,
    id: string,
    request: RotationRequest,
    found: readonly Mistake[],
  ): Promise<{ subscription: Subscription; generated: string | null }> {
    const { store, seals, clock } = this.#deps;
    const before = await findSubscription(store, workspaceId, id);
    if (found.length > 0) throw invalid(found);
    const generated = request.secret === undefined ? seals.newSecret() : null;
    const secret = request.secret ?? generated ?? '';
    if (this.#isPresent(before, secret))
      throw invalid([{ path: 'secret', message: 'is the present one: give another' }]);
    const { overlapHours = OVERLAP_HOURS_DEFAULT } = request;
    const audit = {
      action: 'subscription.secret_rotated',
      workspaceId,
      targetId: id,
      fields: request,
    } as const;
    const subscription = await this.#change(by, audit, {
      rotation: {
        secret: { ...seals.sealSecret(secret, id), isGiven: generated === null },
        keyPair: before.keyPair && seals.newKeyPair(id),
        endsAt: clock.now() + overlapHours * HOUR_MS,
      },
    });
    return { subscription, generated };
  }

  /** The old secret signs no more. Where no rotation runs there is nothing to do, so that it may be asked for again. */
  async finish(by: Caller, workspaceId: string, id: string): Promise<Subscription> {
    const before = await findSubscription(this.#deps.store, workspaceId, id);
    if (before.previous === null) return before;
    const audit = { action: 'subscription.secret_rotation_finished', workspaceId, targetId: id } as const;
    return this.#change(by, audit, { finishesRotation: true });
  }

  /** Nothing is shown that could not be written down first. */
  async reveal(by: Caller, workspaceId: string, id: string): Promise<RevealedSecret> {
    const { store, seals, clock } = this.#deps;
    const subscription = await findSubscription(store, workspaceId, id);
    const { previous } = subscription;
    const runs = previous !== null && previous.endsAt > clock.now();
    const secret = seals.openSecret(subscription);
    await store.appendAudit(
      auditEntry(this.#deps, by, { action: 'subscription.secret_revealed', workspaceId, targetId: id }),
    );
    return {
      secret,
      previousSecret: runs ? seals.openPreviousSecret(subscription) : null,
      rotationEndsAt: runs ? isoOf(previous.endsAt) : null,
    };
  }

  async #change(
    by: Caller,
    audited: AuditedChange & { workspaceId: string; targetId: string },
    change: SubscriptionChange,
  ): Promise<Subscription> {
    const { store, engine, clock } = this.#deps;
    const { workspaceId, targetId: id } = audited;
    const audit = auditEntry(this.#deps, by, audited);
    const after = await store.updateSubscription(workspaceId, id, change, clock.now(), audit);
    if (after === undefined) throw noSuchSubscription();
    engine.subscriptionsChanged(workspaceId, id);
    return after;
  }

  /** A secret that cannot be opened any more is no reason not to replace it. */
  #isPresent(subscription: Subscription, secret: string): boolean {
    try {
      return this.#deps.seals.openSecret(subscription) === secret;
    } catch (error) {
      if (error instanceof CannotOpen) return false;
      throw error;
    }
  }
}
