import { LRUCache } from 'lru-cache';
import type { RequestCountStore } from '../contract/counts.ts';
import { judgeTake } from '../requests-taken.ts';

/** Tokens counted at once, four rates each: more than remembered are counted anew. */
const COUNTS_MAX = 40_000;

/** In memory: the one node of this store asks itself, and a restart may forget. */
export function createRequestCounts(): RequestCountStore {
  const counts = new LRUCache<string, { asked: number; endsAt: number }>({ max: COUNTS_MAX });
  return {
    takeRequests(take) {
      const { tokenId, rate, wanted, now, windowMs } = take;
      const key = `${rate} ${tokenId}`;
      const known = counts.get(key);
      // A clock that was set back would otherwise make the window as much longer.
      const endsAt = Math.min(known?.endsAt ?? 0, now + windowMs);
      const isOver = endsAt <= now;
      const count = isOver
        ? { asked: wanted, endsAt: now + windowMs }
        : { asked: (known?.asked ?? 0) + wanted, endsAt };
      counts.set(key, count);
      return Promise.resolve(judgeTake(take, count.asked, count.endsAt));
    },
  };
}
