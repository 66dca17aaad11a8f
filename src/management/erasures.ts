import type { Caller } from '../domain/audit.ts';
import type { Erasure, ErasureProgress } from '../domain/erasure.ts';
import { ERASURE_ID_PREFIX, ERASURES_RUNNING_MAX } from '../domain/erasure.ts';
import { Refusal } from '../domain/errors.ts';
import { ID_FORM, newId } from '../domain/ids.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { ErasureStore } from '../store/contract/erasures.ts';
import type { CursorPage, CursorQuery } from '../store/contract/history.ts';
import { auditEntry } from './audit-log.ts';
import { readErasureRequest } from './erasure-request.ts';
import type { ErasureSeals } from './erasure-seals.ts';
import { withCursor } from './history.ts';
import { isoOf, isoOrNull } from './subscription-view.ts';

export interface ErasuresDeps {
  store: ErasureStore;
  engine: Pick<Engine, 'jobsChanged'>;
  seals: ErasureSeals;
  clock: Clock;
  random: Random;
}

/** A job as the API shows it: without the value, ever. */
export interface ErasureView {
  _id: string;
  workspaceId: string;
  path: string;
  state: Erasure['state'];
  progress: ErasureProgress;
  createdAt: string;
  updatedAt: string;
  finishedAt: string | null;
}

/** Jobs that erase what mentions a subject. Everything throws a `Refusal` where the API is to answer one. */
export class Erasures {
  readonly #deps: ErasuresDeps;

  constructor(deps: ErasuresDeps) {
    this.#deps = deps;
  }

  /** `body`: the bytes of the request. The job is for what was published before. */
  async start(by: Caller, workspaceId: string, body: Uint8Array): Promise<ErasureView> {
    const { store, engine, seals, clock, random } = this.#deps;
    const { path, value } = readErasureRequest(body);
    const createdAt = Math.round(clock.now());
    const id = ERASURE_ID_PREFIX + newId(createdAt, random);
    const change = { action: 'erasure.started', workspaceId, targetId: id, fields: { path, value } } as const;
    const outcome = await store.createErasure(
      { id, workspaceId, path, sealedValue: seals.seal(value, id), createdAt },
      ERASURES_RUNNING_MAX,
      auditEntry(this.#deps, by, change),
    );
    if (outcome === 'too_many')
      throw new Refusal(
        'CONFLICT',
        `${ERASURES_RUNNING_MAX} erasures are running in this workspace, the most there may be. Wait for one to end.`,
      );
    engine.jobsChanged();
    return viewErasure(outcome);
  }

  async list(workspaceId: string, query: CursorQuery): Promise<CursorPage<ErasureView>> {
    const page = await withCursor(this.#deps.store.listErasures(workspaceId, query));
    return { items: page.items.map(viewErasure), nextCursor: page.nextCursor };
  }

  async get(workspaceId: string, id: string): Promise<ErasureView> {
    const erasure = isErasureId(id) ? await this.#deps.store.findErasure(workspaceId, id) : undefined;
    if (erasure === undefined) throw noSuchErasure();
    return viewErasure(erasure);
  }

  /** It erases no more; what it has erased stays so. 409 when it is done. */
  async cancel(by: Caller, workspaceId: string, id: string): Promise<ErasureView> {
    const { store, clock } = this.#deps;
    const audit = auditEntry(this.#deps, by, { action: 'erasure.cancelled', workspaceId, targetId: id });
    const erasure = isErasureId(id)
      ? await store.cancelErasure(workspaceId, id, clock.now(), audit)
      : undefined;
    if (erasure === undefined) throw noSuchErasure();
    if (erasure.state === 'done')
      throw new Refusal('CONFLICT', 'The erasure is done; there is nothing to cancel.');
    return viewErasure(erasure);
  }
}

function isErasureId(id: string): boolean {
  return id.startsWith(ERASURE_ID_PREFIX) && ID_FORM.test(id.slice(ERASURE_ID_PREFIX.length));
}

function noSuchErasure(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such erasure in this workspace.');
}

function viewErasure(erasure: Erasure): ErasureView {
  const { id, workspaceId, path, state, examined, erased, cancelled } = erasure;
  return {
    _id: id,
    workspaceId,
    path,
    state,
    progress: { examined, erased, cancelled },
    createdAt: isoOf(erasure.createdAt),
    updatedAt: isoOf(erasure.updatedAt),
    finishedAt: isoOrNull(erasure.finishedAt),
  };
}
