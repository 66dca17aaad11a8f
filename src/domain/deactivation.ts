const HOUR_MS = 60 * 60 * 1000;

/** When a subscription that only fails is switched off. */
export interface DeactivationRule {
  /** No attempt has succeeded for this long, in milliseconds. */
  failingMs: number;
  /** And at least this many deliveries have failed in that time. */
  failedDeliveries: number;
}

/** The customer hears of it this long after the first failure: or earlier, well before a shorter rule strikes. */
const NOTICE_AFTER_MS = 24 * HOUR_MS;
const NOTICE_FRACTION = 1 / 3;

export function noticeAfterMs(rule: DeactivationRule): number {
  return Math.min(NOTICE_AFTER_MS, rule.failingMs * NOTICE_FRACTION);
}

/** What is to be done about a subscription that has been failing since `failingSince`. Pure. */
export function judgeFailing(
  failing: { failingSince: number; failedDeliveries: number; noticed: boolean },
  rule: DeactivationRule,
  now: number,
): 'deactivate' | 'notice' | 'wait' {
  const failingMs = now - failing.failingSince;
  if (failingMs >= rule.failingMs && failing.failedDeliveries >= rule.failedDeliveries) return 'deactivate';
  if (failingMs >= noticeAfterMs(rule) && !failing.noticed) return 'notice';
  return 'wait';
}
