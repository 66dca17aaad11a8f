import type { Migration } from '../../migration.ts';

/** Only adds. An older node serves no portal, and writes no entry of one. */
export const auditVia: Migration = {
  version: 16,
  name: 'audit-via',
  compatibleFrom: 1,
  sql: `
-- How the actor's word came, if not with the token itself.
ALTER TABLE audit_entries ADD COLUMN via TEXT;
`,
};
