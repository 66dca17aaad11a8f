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
ALTER TABLE attempts ADD COLUMN response_headers TEXT;
ALTER TABLE attempts ADD COLUMN request TEXT;
ALTER TABLE attempts ADD COLUMN timing TEXT;
ALTER TABLE attempts ADD COLUMN remote_address TEXT;
`,
};
