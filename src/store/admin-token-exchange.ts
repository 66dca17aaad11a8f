import type { AuditEntry } from '../domain/audit.ts';

/** The admin token as the command line replaces it, beside a running server. */
export interface AdminTokenExchange {
  /** In one commit with the entry; the token that was there is none any more. */
  replace(hash: Uint8Array, now: number, audit: AuditEntry): Promise<void>;
  close(): Promise<void>;
}
