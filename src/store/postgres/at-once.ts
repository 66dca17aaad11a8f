/**
 * SQL for the moment at which something is due at once: that of the node which says so, or the database's where the node's
 * clock is ahead of it. Else it would wait, wherever it is served, by as much as the clocks of two nodes differ.
 * `now`: a parameter, in milliseconds.
 */
export function atOnce(now: string): string {
  return `least(${now}::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`;
}
