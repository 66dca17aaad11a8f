import type { Caller } from '../domain/audit.ts';
import { Refusal } from '../domain/errors.ts';
import { ID_FORM, newId } from '../domain/ids.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { AccountStore, Workspace, WorkspaceQuery } from '../store/contract/accounts.ts';
import { auditEntry } from './audit-log.ts';
import { isoOf } from './subscription-view.ts';
import type { Tokens } from './tokens.ts';

/** A workspace as the API shows it. */
export interface WorkspaceView {
  _id: string;
  name: string;
  createdAt: string;
  updatedAt: string;
}

export interface WorkspacesDeps {
  store: AccountStore;
  engine: Pick<Engine, 'subscriptionsChanged'>;
  tokens: Pick<Tokens, 'forgetWorkspace'>;
  clock: Clock;
  random: Random;
}

/** What the administrator does with workspaces. Everything throws a `Refusal` where the API is to answer one. */
export class Workspaces {
  readonly #deps: WorkspacesDeps;

  constructor(deps: WorkspacesDeps) {
    this.#deps = deps;
  }

  async create(by: Caller, draft: { name: string }): Promise<WorkspaceView> {
    const { store, clock, random } = this.#deps;
    const now = clock.now();
    const id = newId(now, random);
    const workspace = { id, name: draft.name, createdAt: now };
    // Both in one call: an entry of a workspace that is not there yet would name none.
    await store.createWorkspace(workspace, this.#entry(by, 'workspace.created', id, draft));
    return viewWorkspace({ ...workspace, updatedAt: now });
  }

  async list(query: WorkspaceQuery): Promise<{ items: WorkspaceView[]; total: number }> {
    const { items, total } = await this.#deps.store.listWorkspaces(query);
    return { items: items.map(viewWorkspace), total };
  }

  async get(id: string): Promise<WorkspaceView> {
    const workspace = ID_FORM.test(id) ? await this.#deps.store.findWorkspace(id) : undefined;
    if (workspace === undefined) throw noSuchWorkspace();
    return viewWorkspace(workspace);
  }

  async rename(by: Caller, id: string, draft: { name?: string }): Promise<WorkspaceView> {
    const { store, clock } = this.#deps;
    const before = await this.get(id);
    const { name } = draft;
    if (name === undefined) return before;
    const audit = this.#entry(by, 'workspace.changed', id, draft);
    const after = await store.updateWorkspace(id, { name }, clock.now(), audit);
    if (after === undefined) throw noSuchWorkspace();
    return viewWorkspace(after);
  }

  /** Its tokens stop working, its subscriptions are deleted, what they had pending is cancelled. */
  async delete(by: Caller, id: string): Promise<void> {
    const { store, clock, engine, tokens } = this.#deps;
    const audit = this.#entry(by, 'workspace.deleted', id);
    const ids = ID_FORM.test(id) ? await store.deleteWorkspace(id, clock.now(), audit) : undefined;
    if (ids === undefined) throw noSuchWorkspace();
    tokens.forgetWorkspace(id);
    for (const subscriptionId of ids) engine.subscriptionsChanged(id, subscriptionId);
  }

  #entry(
    by: Caller,
    action: 'workspace.created' | 'workspace.changed' | 'workspace.deleted',
    id: string,
    fields: object = {},
  ) {
    return auditEntry(this.#deps, by, { action, workspaceId: id, targetId: id, fields });
  }
}

function viewWorkspace({ id, name, createdAt, updatedAt }: Workspace): WorkspaceView {
  return { _id: id, name, createdAt: isoOf(createdAt), updatedAt: isoOf(updatedAt) };
}

function noSuchWorkspace(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such workspace.');
}
