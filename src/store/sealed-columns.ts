import type { SealedPart } from '../domain/sealed-parts.ts';

/** Where each sealed part of a subscription is, in every store. */
export const SEALED_COLUMNS: Readonly<Record<SealedPart, string>> = {
  secret: 'sealed_secret',
  privateKey: 'sealed_private_key',
  previousSecret: 'previous_sealed_secret',
  previousPrivateKey: 'previous_sealed_private_key',
  headers: 'sealed_headers',
};

/** SQL of all parts there are: rows of `id`, `part` and `sealed`. */
export function selectSealed(table: string, condition: string): string {
  return Object.entries(SEALED_COLUMNS)
    .map(
      ([part, column]) =>
        `SELECT id, '${part}' AS part, ${column} AS sealed FROM ${table} WHERE ${column} IS NOT NULL AND ${condition}`,
    )
    .join(' UNION ALL ');
}
