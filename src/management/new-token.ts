import type { Random } from '../lib/random.ts';

/** What a token begins with: `live` and `test` are the customer's own words and mean the same here. */
export type TokenKind = 'sk_live_' | 'sk_test_' | 'sk_admin_';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 256 bits, rounded up to whole characters. */
const TOKEN_RANDOM_CHARS = 43;
/** The largest multiple of 62 in a byte: what is above it would make the first letters likelier. */
const UNBIASED_BELOW = 248;

/** A new token that nobody can guess. */
export function makeToken(kind: TokenKind, random: Random): string {
  let characters = '';
  while (characters.length < TOKEN_RANDOM_CHARS) {
    for (const byte of random.bytes(TOKEN_RANDOM_CHARS)) {
      if (byte < UNBIASED_BELOW) characters += BASE62.charAt(byte % BASE62.length);
    }
  }
  return kind + characters.slice(0, TOKEN_RANDOM_CHARS);
}
