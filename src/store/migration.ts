import { StoreRefused } from './refused.ts';

export interface Migration {
  /** 1, 2, 3, … without gaps; the same number and name in every store. */
  version: number;
  name: string;
  sql: string;
  /**
   * The oldest program that can work with the schema once this is applied, named by the newest migration it knows.
   * Whoever only adds what an older program need not know (*expands*) names that program's; whoever takes away what
   * older ones use (*contracts*) names the first that does not use it any more. Its own version unless it says so:
   * then all older programs are shut out, which is the safe mistake.
   */
  compatibleFrom?: number;
}

/** A row of `schema_migrations`. */
export interface AppliedMigration {
  version: number;
  name: string;
  compatibleFrom: number;
}

/** What is stored of a migration. */
export function appliedOf({ version, name, compatibleFrom = version }: Migration): AppliedMigration {
  return { version, name, compatibleFrom };
}

/** How new a program is: the newest migration it knows. */
export function programOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

/**
 * The migrations that are still to be applied, in order. A schema that a newer program has expanded is as good as our
 * own. Throws {@link StoreRefused} where one has contracted it, or where it is not ours at all.
 */
export function missingOf<M extends Migration>(
  applied: readonly AppliedMigration[],
  migrations: readonly M[],
): M[] {
  const known = new Map(migrations.map(({ version, name }) => [version, name]));
  const program = programOf(migrations);
  for (const { version, name, compatibleFrom } of applied) {
    if (known.get(version) === name) continue;
    if (version > program && compatibleFrom <= program) continue;
    throw new StoreRefused(
      `The store was written by a newer version of Velahook (migration ${version}, ${name}): start that version.`,
    );
  }
  const versions = new Set(applied.map(({ version }) => version));
  return migrations.filter(({ version }) => !versions.has(version));
}
