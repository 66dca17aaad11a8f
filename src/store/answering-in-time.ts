import type { Clock } from '../lib/clock.ts';
import { StoreUnavailable } from './store.ts';

/** Whoever asks over HTTP hears by then that it cannot be said now; so do the proxies in between. */
const ANSWER_MS_MAX = 2_500;

/**
 * The same object, whose promises reject with {@link StoreUnavailable} when they take too long: for those who would
 * rather be told to come back than wait. What was asked for may still be done.
 */
export function answeringInTime<T extends object>(target: T, clock: Clock): T {
  return new Proxy(target, {
    get(_target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, args);
        return answer instanceof Promise ? inTime(answer, clock) : answer;
      };
    },
  });
}

function inTime<T>(answer: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ANSWER_MS_MAX, () =>
      reject(new StoreUnavailable(`The store has not answered for ${ANSWER_MS_MAX} ms.`)),
    );
    answer.then(resolve, reject).finally(cancel);
  });
}
