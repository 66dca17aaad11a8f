/** What a local reference (`#`, `#/$defs/address`) leads to; undefined where there is nothing. */
export function findByPointer(root: unknown, ref: string): unknown {
  let found = root;
  for (const name of namesOf(ref)) {
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

/** The reference to a member of what `pointer` leads to. */
export function pointerTo(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25')}`;
}

/** The same reference in the one way that {@link pointerTo} writes it. */
export function normalPointer(ref: string): string {
  return namesOf(ref).reduce(pointerTo, '#');
}

/** The name of what it leads to; empty for the whole document. */
export function lastNameOf(ref: string): string {
  return namesOf(ref).at(-1) ?? '';
}

/** Whether it is a reference within the document, by JSON Pointer. */
export function isLocalPointer(ref: string): boolean {
  return ref === '#' || (ref.startsWith('#/') && isDecodable(ref));
}

function namesOf(ref: string): string[] {
  return decodeURIComponent(ref)
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function isDecodable(ref: string): boolean {
  try {
    decodeURIComponent(ref);
    return true;
  } catch {
    return false;
  }
}
