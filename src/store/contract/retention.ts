/** What keeps history from growing for ever. */
export interface RetentionStore {
  /**
   * Removes a little of what is older than `retentionDays` whole days, or than the fewer days that its workspace has
   * chosen, and answers whether there is more to be removed now: then it is called again, at the caller's pace, so that
   * commits come in between. Also prepares the store for the days to come. Any number of nodes may call it.
   *
   * What goes: deliveries that have ended, with their attempts, by the time they were made; events, by the time they
   * were stored, with their ids and idempotency keys, which then may be used anew. What stays, however old: whatever
   * unfinished work refers to, and an event of which an idempotency key is younger than `KEY_KEPT_MS`. Something may stay
   * for up to a day longer than asked for.
   */
  keepHistory(now: number, retentionDays: number): Promise<boolean>;
}
