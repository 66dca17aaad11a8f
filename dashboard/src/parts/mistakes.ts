import { VelahookError } from '@velahook/sdk';

/** What is wrong with a field, of all that the server found; a part of a field counts as the field. */
export function mistakesOf(error: unknown): (field: string) => string | undefined {
  const mistakes = error instanceof VelahookError ? error.mistakes : [];
  return (field) =>
    mistakes
      .filter(({ path }) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`))
      .map(({ path, message }) => (path === field ? message : `${path} ${message}`))
      .join('; ') || undefined;
}
