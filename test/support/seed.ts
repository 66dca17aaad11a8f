import process from 'node:process';

/**
 * Random numbers in [0, 1) that a failed run can repeat: print the seed, and set `VELAHOOK_TEST_SEED` to it.
 * The generator is mulberry32: small, and good enough to shuffle a test.
 */
export function seededRandom(): { seed: number; random: () => number } {
  const seed = Number(process.env['VELAHOOK_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  let state = seed;
  return {
    seed,
    random: () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}
