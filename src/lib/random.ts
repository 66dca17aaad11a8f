import { randomFillSync } from 'node:crypto';

/** Randomness as a dependency, so that a test can seed it. */
export interface Random {
  /** A number in [0, 1). Not for secrets. */
  fraction(): number;
  /** Unpredictable bytes: ids, keys, tokens. */
  bytes(count: number): Uint8Array;
}

/** One call to the operating system serves many ids: a call of its own per id costs more than the id. */
const POOL_BYTES = 4096;
const pool = new Uint8Array(POOL_BYTES);
let poolUsed = POOL_BYTES;

export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes(count) {
    if (count > POOL_BYTES) return randomFillSync(new Uint8Array(count));
    if (poolUsed + count > POOL_BYTES) {
      randomFillSync(pool);
      poolUsed = 0;
    }
    const bytes = pool.slice(poolUsed, poolUsed + count);
    // What was handed out must not linger in the pool: some of it becomes keys.
    pool.fill(0, poolUsed, poolUsed + count);
    poolUsed += count;
    return bytes;
  },
};
