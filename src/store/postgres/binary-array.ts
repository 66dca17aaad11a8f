/**
 * Arrays in PostgreSQL's binary form (`array_recv`), for the statements of the hot path: as text, which is what the
 * driver makes of an array, a body goes as hexadecimal digits of twice its size, each string is searched for what
 * must be escaped, and the server parses it all again.
 */

const BYTEA_OID = 17;
const INT8_OID = 20;
const TEXT_OID = 25;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const INT8_BYTES = 8;
const TWO_TO_THE_32 = 0x1_0000_0000;

/** For `$n::text[]`. */
export function textArray(values: readonly (string | null)[]): Buffer {
  const lengths = values.map((value) => (value === null ? 0 : Buffer.byteLength(value)));
  const array = begin(TEXT_OID, lengths);
  let at = HEADER_BYTES;
  values.forEach((value, i) => {
    at = array.writeInt32BE(value === null ? -1 : (lengths[i] ?? 0), at);
    if (value !== null) at += array.write(value, at);
  });
  return array;
}

/** For `$n::bigint[]`; whole numbers below 2^53. */
export function bigintArray(values: readonly (number | null)[]): Buffer {
  const array = begin(
    INT8_OID,
    values.map((value) => (value === null ? 0 : INT8_BYTES)),
  );
  let at = HEADER_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(value === null ? -1 : INT8_BYTES, at);
    if (value === null) continue;
    const high = Math.floor(value / TWO_TO_THE_32);
    at = array.writeInt32BE(high, at);
    at = array.writeUInt32BE(value - high * TWO_TO_THE_32, at);
  }
  return array;
}

/** For `$n::bytea[]`. */
export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  const array = begin(
    BYTEA_OID,
    values.map((value) => value?.length ?? 0),
  );
  let at = HEADER_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(value?.length ?? -1, at);
    if (value === null) continue;
    array.set(value, at);
    at += value.length;
  }
  return array;
}

/** One dimension, from index 1; of none there are none, an array of no elements has no dimension. */
function begin(oid: number, lengths: readonly number[]): Buffer {
  const bytes = lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, HEADER_BYTES);
  const array = Buffer.allocUnsafe(bytes);
  const dimensions = 1;
  const hasNulls = 1;
  [dimensions, hasNulls, oid, lengths.length, 1].forEach((word, i) => array.writeInt32BE(word, i * 4));
  return array;
}
