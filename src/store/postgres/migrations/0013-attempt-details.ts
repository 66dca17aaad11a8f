import type { Migration } from '../../migration.ts';

/**
 * What an attempt looked like: domain/attempt.ts tells the form of each. An older program records none of it, and erases
 * no response headers.
 */
export const attemptDetails: Migration = {
  version: 13,
  name: 'attempt-details',
  compatibleFrom: 1,
  sql: `
ALTER TABLE velahook.attempts
  ADD COLUMN response_headers text,
  ADD COLUMN request text,
  ADD COLUMN timing text,
  ADD COLUMN remote_address text;
`,
};
