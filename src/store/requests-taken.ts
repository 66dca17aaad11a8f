import type { RequestsTaken, RequestTake } from './contract/counts.ts';

/** What a take comes to when, with it, so many were asked for in the window: more than there are may be. */
export function judgeTake({ wanted, max }: RequestTake, asked: number, windowEndsAt: number): RequestsTaken {
  const before = asked - wanted;
  return {
    granted: Math.max(0, Math.min(wanted, max - before)),
    left: Math.max(0, max - asked),
    windowEndsAt,
  };
}
