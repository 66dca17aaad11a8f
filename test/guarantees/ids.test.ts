import { expect, test } from 'vitest';
import { ID_FORM, newAttemptId, newDeliveryId, newEventId, newId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';

const NOW = Date.parse('2026-03-24T14:30:00.000Z');

test('an id is 24 hex digits that begin with the second it was made in', () => {
  const id = newId(NOW, systemRandom);
  expect(id).toMatch(ID_FORM);
  expect(Number.parseInt(id.slice(0, 8), 16)).toBe(NOW / 1000);
  expect(newEventId(NOW, systemRandom)).toMatch(/^evt_[0-9a-f]{24}$/);
  expect(newDeliveryId(NOW, systemRandom)).toMatch(/^dlv_[0-9a-f]{24}$/);
  expect(newAttemptId(NOW, systemRandom)).toMatch(/^att_[0-9a-f]{24}$/);
});

test('ids of one second share nothing that could be guessed: each of their random bits is set half of the time', () => {
  const count = 4_000;
  const ids = Array.from({ length: count }, () => newId(NOW, systemRandom));
  expect(new Set(ids).size).toBe(count);
  for (let bit = 0; bit < 64; bit++) {
    const set = ids.filter((id) => (BigInt(`0x${id.slice(8)}`) >> BigInt(bit)) & 1n).length;
    // Seven standard deviations: a fair bit fails once in 10^11 runs.
    expect(Math.abs(set - count / 2)).toBeLessThan(7 * Math.sqrt(count / 4));
  }
});

test('random bytes handed out do not change when more are asked for', () => {
  const first = systemRandom.bytes(16);
  const copy = Uint8Array.from(first);
  for (let i = 0; i < 1_000; i++) systemRandom.bytes(16);
  expect(first).toEqual(copy);
  expect(first.some((byte) => byte !== 0)).toBe(true);
  expect(systemRandom.bytes(10_000)).toHaveLength(10_000);
});
