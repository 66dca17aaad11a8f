import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** `Menu.Search = MenuSearch;`, as the component library hangs a part onto its component. */
const ATTACHED = /^([A-Z]\w*)\.([A-Z]\w*) = [A-Z]\w*;$/gm;
/** `<Menu.Item`, and what becomes of it: `jsx(Menu.Item`. */
const NAMED = /[<(]([A-Z]\w*\.[A-Z]\w*)\b/g;

/**
 * Leaves out the parts of components that nobody names: what hangs on a component stays with it otherwise, whether it is
 * used or not. A part stays when its name is found anywhere in these sources or in the library's own.
 */
export function usedParts(sources: string, library: string): Plugin {
  let used = new Set<string>();
  return {
    name: 'used-parts',
    apply: 'build',
    buildStart() {
      used = namedIn([
        ...globSync('**/*.{ts,tsx}', { cwd: sources }).map((path) => join(sources, path)),
        ...globSync('**/*.mjs', { cwd: library }).map((path) => join(library, path)),
      ]);
    },
    transform: {
      filter: { id: /@mantine\/core\/esm\/components\/.*\.mjs$/ },
      handler: (code) => ({
        code: code.replace(ATTACHED, (line, component: string, part: string) =>
          used.has(`${component}.${part}`) ? line : '',
        ),
        map: null,
      }),
    },
  };
}

function namedIn(paths: readonly string[]): Set<string> {
  const names = new Set<string>();
  for (const path of paths) {
    for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(NAMED)) names.add(name);
  }
  return names;
}
