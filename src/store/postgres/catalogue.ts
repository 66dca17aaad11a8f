import type { ValidationMode } from '../../domain/catalogue/event-type-definition.ts';
import type { EventTypeRow } from '../catalogue-rows.ts';
import { toEventType, toRow } from '../catalogue-rows.ts';
import type { CatalogueChange, CatalogueStore } from '../contract/catalogue.ts';
import type { WorkspaceVersion } from '../contract/signals.ts';
import { appendAudit } from './audit.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';

/** One statement, and so of one moment: the version and what it is the version of. */
const load = statement(`
SELECT c.version, c.validation AS "defaultValidation", t.name, t.definition, t.validation,
       t.created_at AS "createdAt", t.updated_at AS "updatedAt"
FROM velahook.catalogues c
  JOIN velahook.workspaces w ON w.id = c.workspace_id AND w.deleted_at IS NULL
  LEFT JOIN velahook.event_types t ON t.workspace_id = c.workspace_id
WHERE c.workspace_id = $1 ORDER BY t.name`);
const listVersions = statement(`
SELECT workspace_id AS "workspaceId", version FROM velahook.catalogues WHERE workspace_id = ANY ($1::text[])`);

// Of two who change the same version, the second waits for the first one's row, and then finds it changed.
const begin = statement(`
INSERT INTO velahook.catalogues (workspace_id, version, validation)
SELECT id, 1, $2 FROM velahook.workspaces WHERE id = $1 ON CONFLICT (workspace_id) DO NOTHING`);
const raise = statement(`
UPDATE velahook.catalogues SET version = version + 1, validation = CASE WHEN $3 THEN $4 ELSE validation END
WHERE workspace_id = $1 AND version = $2`);
const put = statement(`
INSERT INTO velahook.event_types (workspace_id, name, definition, validation, created_at, updated_at)
SELECT $1, t.* FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[]) AS t
ON CONFLICT (workspace_id, name) DO UPDATE SET definition = excluded.definition,
  validation = excluded.validation, updated_at = excluded.updated_at`);
const remove = statement(
  'DELETE FROM velahook.event_types WHERE workspace_id = $1 AND name = ANY ($2::text[])',
);

/** Of a catalogue without types one row, with nothing in it but the head. */
type LoadedRow = (EventTypeRow | { name: null }) & {
  version: number;
  defaultValidation: ValidationMode | null;
};

/** `CatalogueStore`. All by primary key; whoever has the head's row is the only one to change its types. */
export function catalogueCalls({ database, writes }: StoreParts): CatalogueStore {
  return {
    async loadCatalogue(workspaceId) {
      const rows = await database.rows<LoadedRow>(load, [workspaceId]);
      const types = rows
        .filter(isType)
        .map(({ version: _version, defaultValidation: _default, ...row }) => toEventType(row));
      const { version = 0, defaultValidation = null } = rows[0] ?? {};
      return { version, validation: defaultValidation, types };
    },

    listCatalogueVersions: (workspaceIds) => database.rows<WorkspaceVersion>(listVersions, [workspaceIds]),

    changeCatalogue: (workspaceId, version, change, audit) =>
      writes.write(async (session) => {
        if (!(await write(session, workspaceId, version, change))) return false;
        await appendAudit(session, audit);
        return true;
      }),
  };
}

async function write(
  session: Session,
  workspaceId: string,
  version: number,
  change: CatalogueChange,
): Promise<boolean> {
  const { validation, put: given = [], remove: names = [] } = change;
  const raised =
    version === 0
      ? await session.run(begin, [workspaceId, validation ?? null])
      : await session.run(raise, [workspaceId, version, validation !== undefined, validation ?? null]);
  if (raised === 0) return false;
  if (names.length > 0) await session.run(remove, [workspaceId, names]);
  if (given.length === 0) return true;
  const rows = given.map(toRow);
  await session.run(put, [
    workspaceId,
    rows.map((row) => row.name),
    rows.map((row) => row.definition),
    rows.map((row) => row.validation),
    rows.map((row) => Math.round(row.createdAt)),
    rows.map((row) => Math.round(row.updatedAt)),
  ]);
  return true;
}

function isType(row: LoadedRow): row is EventTypeRow & Pick<LoadedRow, 'version' | 'defaultValidation'> {
  return row.name !== null;
}
