import { expect, test } from 'vitest';
import { Keyring } from '../../src/lib/keyring.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { SealedValue } from '../../src/management/sealed-value.ts';

test('what is sealed for one purpose does not open for another, nor altered, nor elsewhere', () => {
  const keyring = new Keyring([systemRandom.bytes(32)], systemRandom);
  const codes = new SealedValue<string[]>(keyring, 'code', 200);
  const text = codes.seal(['a', 'b']);
  expect(text).toMatch(/^[\w-]+$/);
  expect(codes.open(text)).toEqual(['a', 'b']);
  expect(new SealedValue(keyring, 'bearer', 200).open(text)).toBeUndefined();
  const elsewhere = new Keyring([systemRandom.bytes(32)], systemRandom);
  expect(new SealedValue(elsewhere, 'code', 200).open(text)).toBeUndefined();
  // The same bytes in other characters would be another cookie for the same session.
  for (const other of [`${text}=`, `${text} `, ` ${text}`, text.slice(1), '', 'x', `${text}${text}`])
    expect([other, codes.open(other)]).toEqual([other, undefined]);
  expect(codes.open(codes.seal(['x'.repeat(200)]))).toBeUndefined();
});
