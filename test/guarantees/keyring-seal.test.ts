import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyFileError, loadOrMakeKeys, readKeyFile, writeKeyFile } from '../../src/lib/key-file.ts';
import { CannotOpen, Keyring } from '../../src/lib/keyring.ts';
import { systemRandom } from '../../src/lib/random.ts';

const [first, second] = [systemRandom.bytes(32), systemRandom.bytes(32)];
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('a keyring', () => {
  const keyring = new Keyring([first], systemRandom);

  it('opens what it sealed', () => {
    for (const text of ['', 'x', SECRET, 'ünïcödé', 'y'.repeat(256)]) {
      expect(keyring.open(keyring.seal(text, 'a'), 'a')).toBe(text);
    }
  });

  it('seals the same text differently each time, and never legibly', () => {
    const sealed = Array.from({ length: 100 }, () => Buffer.from(keyring.seal(SECRET, 'a')));
    expect(new Set(sealed.map((each) => each.toString('hex'))).size).toBe(100);
    for (const each of sealed) {
      expect(each.includes(SECRET)).toBe(false);
      expect(each.includes('whsec_')).toBe(false);
    }
  });

  it('does not open it in another context', () => {
    expect(() => keyring.open(keyring.seal(SECRET, 'subscription-a'), 'subscription-b')).toThrow(CannotOpen);
  });

  it('does not open it with any bit changed, or cut short', () => {
    const sealed = keyring.seal('short', 'a');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const altered = Uint8Array.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => keyring.open(altered, 'a')).toThrow(CannotOpen);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => keyring.open(sealed.slice(0, length), 'a')).toThrow(CannotOpen);
    }
  });

  it('opens with any of its keys what was sealed with an older one, and seals with the first', () => {
    const old = keyring.seal(SECRET, 'a');
    const renewed = new Keyring([second, first], systemRandom);
    expect(renewed.open(old, 'a')).toBe(SECRET);
    expect(() => keyring.open(renewed.seal(SECRET, 'a'), 'a')).toThrow(CannotOpen);
  });

  it('refuses to be without a key, or with one of another length', () => {
    expect(() => new Keyring([], systemRandom)).toThrow(RangeError);
    expect(() => new Keyring([new Uint8Array(31)], systemRandom)).toThrow(RangeError);
  });
});

describe('the key file', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'velahook-key-'));
    path = join(folder, 'encryption.key');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is made once, for its owner only, and read ever after', () => {
    const made = loadOrMakeKeys(path, systemRandom);
    expect(made).toMatchObject({ made: true, tightened: false });
    expect(made.keys).toHaveLength(1);
    expect(made.keys[0]).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(loadOrMakeKeys(path, systemRandom)).toEqual({ keys: made.keys, made: false, tightened: false });
  });

  it('survives a start that was cut off while it was being made', () => {
    writeFileSync(`${path}.new`, 'half', { mode: 0o644 });
    expect(loadOrMakeKeys(path, systemRandom).made).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('that others can read is closed to them, and said to have been', () => {
    const { keys } = loadOrMakeKeys(path, systemRandom);
    for (const mode of [0o640, 0o604, 0o660, 0o644]) {
      chmodSync(path, mode);
      expect(loadOrMakeKeys(path, systemRandom)).toEqual({ keys, made: false, tightened: true });
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });

  it.each(['', 'zz'.repeat(32), '0f'.repeat(31), '0f'.repeat(33)])(
    'of %j is refused, never replaced',
    (content) => {
      writeFileSync(path, content, { mode: 0o600 });
      expect(() => loadOrMakeKeys(path, systemRandom)).toThrow(KeyFileError);
      expect(readFileSync(path, 'utf8')).toBe(content);
    },
  );

  it('may hold several keys: the first seals, all open, and a running keyring follows it', () => {
    const old = systemRandom.bytes(32);
    writeKeyFile(path, [old]);
    const keyring = new Keyring(() => readKeyFile(path), systemRandom);
    const sealed = keyring.seal('secret', 'context');
    writeKeyFile(path, [systemRandom.bytes(32), old]);
    expect(keyring.isCurrent(sealed)).toBe(false);
    expect(keyring.isCurrent(keyring.seal('secret', 'context'))).toBe(true);
    writeKeyFile(path, [systemRandom.bytes(32)]);
    expect(keyring.open(sealed, 'context')).toBe('secret');
    const restarted = new Keyring(() => readKeyFile(path), systemRandom);
    expect(restarted.hasKeyOf(sealed)).toBe(false);
    writeKeyFile(path, [systemRandom.bytes(32), old]);
    expect(restarted.open(sealed, 'context')).toBe('secret');
  });

  it('that cannot be read is refused', () => {
    expect(() => loadOrMakeKeys(folder, systemRandom)).toThrow(KeyFileError);
  });
});
