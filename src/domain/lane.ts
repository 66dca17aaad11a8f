/**
 * What a lane knows of its receiver, kept with the lane when it changes hands. Times in milliseconds since the
 * Unix epoch.
 */
export interface LaneHealth {
  /** Attempts that may be in flight at once. */
  limit: number;
  /** Failed attempts since the last success. */
  failuresInRow: number;
  /** False after a timeout or a row of failures: then one probe at a time, `probeIntervalMs` apart. */
  healthy: boolean;
  probeIntervalMs: number;
  /** No attempt before this: `Retry-After`, or the next probe. */
  pausedUntil: number;
}
