import { applyEdits, findNodeAtLocation, format, parseTree } from 'jsonc-parser';

const LAYOUT = { tabSize: 2, insertSpaces: true, eol: '\n' };

/**
 * Lays JSON text out for reading without parsing its values: numbers of any size, the order of keys and keys given twice
 * stay as they were sent. Text that is no JSON comes back as it is.
 */
export function layOut(text: string): string {
  if (parseTree(text) === undefined) return text;
  return applyEdits(text, format(text, undefined, LAYOUT));
}

/** The text of a value inside of JSON text, as it stands there; undefined where there is none. */
export function cutOut(text: string, path: readonly string[]): string | undefined {
  const root = parseTree(text);
  const found = root === undefined ? undefined : findNodeAtLocation(root, [...path]);
  return found === undefined ? undefined : text.slice(found.offset, found.offset + found.length);
}
