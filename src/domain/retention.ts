export const DAY_MS = 86_400_000;
/** An idempotency key stands for its event for so long at least, however old the event was when the key came. */
export const KEY_KEPT_MS = 24 * 3_600_000;
/**
 * The audit log is kept for so long, whatever the retention of history: who looks for the change that broke something a
 * year ago finds it, and rows that only people make stay few.
 */
export const AUDIT_KEPT_MS = 400 * DAY_MS;
/** The shortest retention: an event, and with it its id, is kept for 24 hours at least. */
export const RETENTION_DAYS_MIN = 1;
export const RETENTION_DAYS_DEFAULT = 30;
/** Ten years; what is meant to be kept for longer is not a queue's history. */
export const RETENTION_DAYS_MAX = 3_660;
