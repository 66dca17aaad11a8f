import type { Actor, AuditAction, AuditEntry, Caller } from '../domain/audit.ts';
import { auditIdOf } from '../domain/audit.ts';
import { newId } from '../domain/ids.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { AuditQuery, AuditStore } from '../store/contract/audit.ts';
import type { CursorPage } from '../store/contract/history.ts';
import { withCursor } from './history.ts';
import { isoOf } from './subscription-view.ts';

/** What an entry says beside who, when and from where. */
export interface AuditedChange {
  action: AuditAction;
  /** Null concerns the whole installation. */
  workspaceId: string | null;
  targetId?: string;
  /** What was given, by name: of an object its keys. Values are never written down. */
  fields?: object;
}

/** Makes the entry that a store writes in the commit of the change. */
export function auditEntry(
  { clock, random }: { clock: Pick<Clock, 'now'>; random: Random },
  by: Caller,
  change: AuditedChange,
): AuditEntry {
  const now = Math.round(clock.now());
  return {
    id: auditIdOf(newId(now, random)),
    workspaceId: change.workspaceId,
    createdAt: now,
    caller: by,
    action: change.action,
    targetId: change.targetId ?? null,
    fields: Object.keys(change.fields ?? {}),
  };
}

/** An entry as the API shows it. */
export interface AuditView {
  _id: string;
  workspaceId: string | null;
  createdAt: string;
  action: AuditAction;
  targetId: string | null;
  fields: string[];
  actor: Actor;
  address: string | null;
  requestId: string | null;
}

/** Reading the audit log; of one workspace, or with null of the whole installation. A bad cursor is a `Refusal`. */
export class AuditLog {
  readonly #store: Pick<AuditStore, 'listAudit'>;

  constructor(store: Pick<AuditStore, 'listAudit'>) {
    this.#store = store;
  }

  async list(workspaceId: string | null, query: AuditQuery): Promise<CursorPage<AuditView>> {
    const { items, nextCursor } = await withCursor(this.#store.listAudit(workspaceId, query));
    return { items: items.map(viewEntry), nextCursor };
  }
}

function viewEntry({ id, workspaceId, createdAt, action, targetId, fields, caller }: AuditEntry): AuditView {
  const when = { _id: id, workspaceId, createdAt: isoOf(createdAt) };
  const { actor, address, requestId } = caller;
  return { ...when, action, targetId, fields: [...fields], actor, address, requestId };
}
