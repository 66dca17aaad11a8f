import type { Token } from '../../domain/token.ts';
import type { AccountStore, NewWorkspace, Workspace } from '../contract/accounts.ts';
import { listWorkspaces, WORKSPACE_COLUMNS } from './account-lists.ts';
import { adminTokenCalls } from './admin-token.ts';
import { appendAudit } from './audit.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { deleteWorkspaceCall } from './delete-workspace.ts';
import { storable } from './free-text.ts';
import type { StoreParts } from './parts.ts';
import { ensureToken, tokenCalls } from './tokens.ts';

const insertWorkspace = statement(`
INSERT INTO velahook.workspaces (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`);
const countWorkspaces = statement('SELECT count(*) AS count FROM velahook.workspaces');
/** Keeps others from making one until the transaction ends; whoever comes second sees the first one's. */
const lockWorkspaces = statement('LOCK TABLE velahook.workspaces IN SHARE ROW EXCLUSIVE MODE');
const findWorkspace = statement(`
SELECT ${WORKSPACE_COLUMNS} FROM velahook.workspaces WHERE id = $1 AND deleted_at IS NULL`);
const updateWorkspace = statement(`
UPDATE velahook.workspaces SET name = $2, updated_at = $3 WHERE id = $1 AND deleted_at IS NULL
RETURNING ${WORKSPACE_COLUMNS}`);

/** `AccountStore`. All by unique index but the lists. */
export function accountCalls(parts: StoreParts): AccountStore {
  const { database, writes } = parts;
  return {
    ensureWorkspace: (workspace) => writes.write((session) => ensureWorkspace(session, workspace)),

    countWorkspaces: () => count(database),

    createFirstWorkspace: (workspace, token) =>
      writes.write(async (session) => {
        // Every start asks; only the first one of all has to lock out others.
        if ((await count(session)) > 0) return false;
        await session.run(lockWorkspaces);
        if ((await count(session)) > 0) return false;
        return makeFirst(session, workspace, token);
      }),

    createWorkspace: (workspace, audit) =>
      writes.write(async (session) => {
        await ensureWorkspace(session, workspace);
        await appendAudit(session, audit);
      }),

    async findWorkspace(id) {
      const [row] = await database.rows<Workspace>(findWorkspace, [id]);
      return row;
    },

    listWorkspaces: (query) => listWorkspaces(database, query),

    updateWorkspace: (id, { name }, now, audit) =>
      writes.write(async (session) => {
        const values = [id, storable(name), Math.round(now)];
        const [changed] = await session.rows<Workspace>(updateWorkspace, values);
        if (changed !== undefined) await appendAudit(session, audit);
        return changed;
      }),

    deleteWorkspace: deleteWorkspaceCall(parts),
    ...tokenCalls(parts),
    ...adminTokenCalls(parts),
  };
}

async function makeFirst(session: Session, workspace: NewWorkspace, token: Token): Promise<boolean> {
  await ensureWorkspace(session, workspace);
  return ensureToken(session, token);
}

async function count(session: Session): Promise<number> {
  const [row] = await session.rows<{ count: number }>(countWorkspaces);
  return row?.count ?? 0;
}

async function ensureWorkspace(session: Session, { id, name, createdAt }: NewWorkspace): Promise<boolean> {
  return (await session.run(insertWorkspace, [id, storable(name), createdAt])) === 1;
}
