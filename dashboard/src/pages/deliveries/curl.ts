import type { Attempt } from './attempts.tsx';

/** What is kept of a signature or a secret header tells nothing: it is left out. */
const ELIDED = '…';

/**
 * A command for a POSIX shell that sends the same body with the same headers, but for signatures, which need the secret.
 */
export function curlOf({ url, headers }: NonNullable<Attempt['request']>, body: string): string {
  const given = headers.filter(({ value }) => !value.includes(ELIDED) && !value.includes('***'));
  return [
    `curl -X POST ${quoted(url)}`,
    ...given.map(({ name, value }) => `-H ${quoted(`${name}: ${value}`)}`),
    `--data-binary ${quoted(body)}`,
  ].join(' \\\n  ');
}

/** As one word of the shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
