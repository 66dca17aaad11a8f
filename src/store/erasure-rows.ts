import type { Erasure } from '../domain/erasure.ts';

/** A row of `erasures` with its names in camel case. */
export type ErasureRow = Omit<Erasure, 'position'> & {
  positionAt: number | null;
  positionSeq: number | null;
};

export function toErasure({ positionAt, positionSeq, ...rest }: ErasureRow): Erasure {
  const position =
    positionAt === null || positionSeq === null ? null : { createdAt: positionAt, seq: positionSeq };
  return { ...rest, position };
}
