import type { Caller } from '../domain/audit.ts';
import type { Mistake } from '../domain/errors.ts';
import { invalid, Refusal, workspaceDeleted } from '../domain/errors.ts';
import type { EventTypeJudge } from '../domain/event-type.ts';
import { isPattern, isReservedType, matchesPattern } from '../domain/event-type.ts';
import { ID_FORM, newId } from '../domain/ids.ts';
import type { SealedHeaders, Subscription } from '../domain/subscription.ts';
import { TIMEOUT_MS_DEFAULT } from '../domain/subscription.ts';
import type { Engine } from '../engine/engine.ts';
import type { TestRequest } from '../engine/intake/publish-request.ts';
import type { Clock } from '../lib/clock.ts';
import { CannotOpen } from '../lib/keyring.ts';
import type { Random } from '../lib/random.ts';
import type {
  SubscriptionChange,
  SubscriptionQuery,
  SubscriptionStore,
} from '../store/contract/subscriptions.ts';
import type { AuditStore } from '../store/contract/audit.ts';
import { auditEntry } from './audit-log.ts';
import type { Catalogues } from './catalogue/catalogues.ts';
import type { WorkspaceCatalogue } from './catalogue/workspace-catalogue.ts';
import type { FieldRules, SubscriptionDraft, SubscriptionFields } from './subscription-fields.ts';
import { findSubscription, noSuchSubscription } from './find-subscription.ts';
import { checkFields, checkTarget, warnAbout } from './subscription-fields.ts';
import type { SubscriptionSeals } from './subscription-seals.ts';
import type { SubscriptionView } from './subscription-view.ts';
import { viewSubscription } from './subscription-view.ts';

/** What a test event is of when nothing in the catalogue is of the subscription's own types. */
const TEST_TYPE_DEFAULT = 'customer.created';

export interface SubscriptionsDeps extends Omit<FieldRules, 'judge'> {
  catalogues: Pick<Catalogues, 'of'>;
  store: SubscriptionStore & Pick<AuditStore, 'appendAudit'>;
  engine: Pick<Engine, 'publish' | 'subscriptionsChanged'>;
  seals: SubscriptionSeals;
  clock: Clock;
  random: Random;
  countMax: number;
}

export interface SubscriptionList {
  items: SubscriptionView[];
  total: number;
}

/** What customers do with subscriptions. Everything throws a `Refusal` where the API is to answer one. */
export class Subscriptions {
  readonly #deps: SubscriptionsDeps;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
  }

  /** `found`: what the schema has found wrong with the draft. A generated secret is in the answer, only here. */
  async create(
    by: Caller,
    workspaceId: string,
    draft: SubscriptionDraft,
    found: readonly Mistake[],
  ): Promise<SubscriptionView & { secret?: string }> {
    const { store, seals, clock, random, countMax } = this.#deps;
    const { judge } = await this.#deps.catalogues.of(workspaceId);
    const fields = await this.#checked<SubscriptionFields>(draft, found, judge);
    const now = clock.now();
    const id = newId(now, random);
    const secret = fields.secret ?? seals.newSecret();
    const { sealed: sealedSecret, hint: secretHint } = seals.sealSecret(secret, id);
    const subscription: Subscription = {
      id,
      workspaceId,
      url: fields.url,
      events: [...fields.events],
      status: fields.active === false ? 'inactive' : 'active',
      description: fields.description ?? null,
      timeoutMs: fields.timeoutMs ?? TIMEOUT_MS_DEFAULT,
      rateLimit: fields.rateLimit ?? null,
      ordered: fields.ordered ?? false,
      sealedSecret,
      secretHint,
      secretConfigured: fields.secret !== undefined,
      keyPair: fields.ed25519 === true ? seals.newKeyPair(id) : null,
      previous: null,
      headers: fields.headers ? seals.sealHeaders(fields.headers, id, null) : null,
      filter: fields.filter ?? null,
      generation: 0,
      createdAt: now,
      updatedAt: now,
      deactivatedAt: null,
      deactivationReason: null,
      missingSince: fields.active === false ? now : null,
    };
    const audit = auditEntry(this.#deps, by, {
      action: 'subscription.created',
      workspaceId,
      targetId: id,
      fields: draft,
    });
    const outcome = await store.createSubscription(subscription, countMax, audit);
    if (outcome === 'no_workspace') throw workspaceDeleted();
    if (outcome === 'too_many') {
      throw new Refusal(
        'CONFLICT',
        `The workspace has ${countMax} subscriptions, the most it may have. Delete one.`,
      );
    }
    this.#deps.engine.subscriptionsChanged(workspaceId, id);
    const view = this.#viewOf(subscription, judge, fields.secret);
    return fields.secret === undefined ? { ...view, secret } : view;
  }

  /** What `create` would say of the URL, for a form that tells while somebody types. */
  async checkUrl(url: string): Promise<{ message: string }[]> {
    return (await checkTarget(url, this.#deps)).map(({ message }) => ({ message }));
  }

  async list(workspaceId: string, query: SubscriptionQuery): Promise<SubscriptionList> {
    const page = await this.#deps.store.listSubscriptions(workspaceId, query);
    const { judge } = await this.#deps.catalogues.of(workspaceId);
    return { items: page.items.map((each) => this.#viewOf(each, judge)), total: page.total };
  }

  async get(workspaceId: string, id: string): Promise<SubscriptionView> {
    return this.show(await findSubscription(this.#deps.store, workspaceId, id));
  }

  /** Changes the fields that are given; the rest stays. */
  async change(
    by: Caller,
    workspaceId: string,
    id: string,
    draft: SubscriptionDraft,
    found: readonly Mistake[],
  ): Promise<SubscriptionView> {
    const { store, engine, clock } = this.#deps;
    const before = await findSubscription(store, workspaceId, id);
    const { judge } = await this.#deps.catalogues.of(workspaceId);
    const fields = await this.#checked<Partial<SubscriptionFields>>(draft, found, judge, before);
    const change = this.#changeOf(before, fields);
    const audit = auditEntry(this.#deps, by, {
      action: 'subscription.changed',
      workspaceId,
      targetId: id,
      fields: draft,
    });
    const after = await store.updateSubscription(workspaceId, id, change, clock.now(), audit);
    if (after === undefined) throw noSuchSubscription();
    engine.subscriptionsChanged(workspaceId, id);
    return this.show(after, fields.secret);
  }

  async delete(by: Caller, workspaceId: string, id: string): Promise<void> {
    const { store, engine, clock } = this.#deps;
    const audit = auditEntry(this.#deps, by, { action: 'subscription.deleted', workspaceId, targetId: id });
    const isThere = ID_FORM.test(id) && (await store.deleteSubscription(workspaceId, id, clock.now(), audit));
    if (!isThere) throw noSuchSubscription();
    engine.subscriptionsChanged(workspaceId, id);
  }

  /** Sends a test event to this subscription only; answers its delivery's id once it is on disk. */
  async sendTest(
    by: Caller,
    workspaceId: string,
    id: string,
    request: Omit<TestRequest, 'warnings'>,
  ): Promise<string> {
    const subscription = await findSubscription(this.#deps.store, workspaceId, id);
    if (subscription.status !== 'active') {
      throw new Refusal('CONFLICT', 'The subscription is not active. PATCH it with {"active":true} first.');
    }
    const catalogue = await this.#deps.catalogues.of(workspaceId);
    const eventType = request.eventType ?? testTypeOf(subscription, catalogue);
    const published = await this.#deps.engine.publish({
      workspaceId,
      origin: 'test',
      eventType,
      data: request.data ?? exampleData(eventType, catalogue),
      onlyTo: { subscriptionId: id },
    });
    if (published.deliveryId === undefined) throw new Error('A test event was stored without its delivery.');
    await this.#deps.store.appendAudit(
      auditEntry(this.#deps, by, { action: 'subscription.tested', workspaceId, targetId: id }),
    );
    return published.deliveryId;
  }

  /** As the API answers it. `secret`: one that was just given. */
  async show(subscription: Subscription, secret?: string): Promise<SubscriptionView> {
    const { judge } = await this.#deps.catalogues.of(subscription.workspaceId);
    return this.#viewOf(subscription, judge, secret);
  }

  #viewOf(subscription: Subscription, judge: EventTypeJudge, secret?: string): SubscriptionView {
    const warnings = warnAbout({ events: subscription.events, secret }, judge);
    return viewSubscription(subscription, warnings, this.#deps.clock.now());
  }

  /** The draft, once nothing is wrong with it: then its types are what the schema says. */
  async #checked<T>(
    draft: SubscriptionDraft,
    found: readonly Mistake[],
    judge: EventTypeJudge,
    before: Subscription | null = null,
  ): Promise<T> {
    const mistakes = await checkFields(draft, found, { ...this.#deps, judge }, before);
    if (mistakes.length > 0) throw invalid(mistakes);
    return draft as T;
  }

  #changeOf(before: Subscription, fields: Partial<SubscriptionFields>): SubscriptionChange {
    const change: SubscriptionChange = {};
    if (fields.url !== undefined) change.url = fields.url;
    if (fields.events !== undefined) change.events = [...fields.events];
    if (fields.description !== undefined) change.description = fields.description;
    if (fields.timeoutMs !== undefined) change.timeoutMs = fields.timeoutMs;
    if (fields.rateLimit !== undefined) change.rateLimit = fields.rateLimit;
    if (fields.ordered !== undefined) change.ordered = fields.ordered;
    if (fields.active === true) change.status = 'active';
    // One that we switched off is not active already, and keeps saying why.
    if (fields.active === false && before.status === 'active') change.status = 'inactive';
    const { seals } = this.#deps;
    if (fields.secret !== undefined) change.secret = seals.sealSecret(fields.secret, before.id);
    if (fields.ed25519 === false) change.keyPair = null;
    if (fields.ed25519 === true && before.keyPair === null) change.keyPair = seals.newKeyPair(before.id);
    if (fields.headers !== undefined) change.headers = this.#headersOf(before, fields.headers ?? {});
    if (fields.filter !== undefined) change.filter = fields.filter;
    return change;
  }

  #headersOf(before: Subscription, headers: Readonly<Record<string, string>>): SealedHeaders | null {
    try {
      return this.#deps.seals.sealHeaders(headers, before.id, before);
    } catch (cause) {
      if (!(cause instanceof CannotOpen)) throw cause;
      const message = 'The stored headers cannot be read any more: give the values of all of them.';
      throw new Refusal('CONFLICT', message, { cause });
    }
  }
}

/** A type the subscription names, else one that a pattern of its wants: its receiver knows what to do with it. */
function testTypeOf({ events }: Subscription, catalogue: WorkspaceCatalogue): string {
  const isWanted = (name: string): boolean =>
    !isReservedType(name) && events.some((entry) => matchesPattern(entry, name));
  return (
    events.find((entry) => !isPattern(entry)) ??
    catalogue.list().find(({ name }) => isWanted(name))?.name ??
    TEST_TYPE_DEFAULT
  );
}

function exampleData(eventType: string, catalogue: WorkspaceCatalogue): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(catalogue.find(eventType)?.example ?? { test: true }));
}
