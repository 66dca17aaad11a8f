import { expect, test } from 'vitest';
import { answeringInTime } from '../../src/store/answering-in-time.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';

class Part {
  readonly #name = 'part';
  readonly late = Promise.withResolvers<string>();

  nameNow(): string {
    return this.#name;
  }

  answer(): Promise<string> {
    return this.late.promise;
  }
}

test('what does not answer in time is unavailable; what does answers as it would', async () => {
  const clock = new FakeClock();
  const part = new Part();
  const asked = answeringInTime(part, clock);
  expect(asked.nameNow()).toBe('part');
  const first = asked.answer();
  clock.advance(2_499);
  const second = asked.answer();
  clock.advance(1);
  await expect(first).rejects.toBeInstanceOf(StoreUnavailable);
  part.late.resolve('late');
  expect(await second).toBe('late');
  const failing = answeringInTime({ answer: () => Promise.reject(new TypeError('ours')) }, clock);
  await expect(failing.answer()).rejects.toBeInstanceOf(TypeError);
});
