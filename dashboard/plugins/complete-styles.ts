import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Plugin } from 'vite';

/** The module that names a component's classes; its styles are in a file of the same name. */
const CLASSES = /@mantine\/\w+\/esm\/.*\/(\w+)\.module\.mjs$/;
const IMPORTED = /@mantine\/core\/styles\/([A-Z]\w*)\.css/g;

/**
 * Fails the build unless the styles that are imported in `list` are those of the components that are used: without its
 * styles a component is there, works, and looks broken.
 */
export function completeStyles(list: string): Plugin {
  return {
    name: 'complete-styles',
    apply: 'build',
    generateBundle(_options, bundle) {
      const used = new Set<string>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const [id, { renderedLength }] of Object.entries(chunk.modules)) {
          const name = CLASSES.exec(id)?.[1];
          if (name !== undefined && renderedLength > 0) used.add(name);
        }
      }
      const imported = new Set(Array.from(readFileSync(list, 'utf8').matchAll(IMPORTED), ([, name]) => name));
      const missing = [...used].filter((name) => !imported.has(name));
      const idle = [...imported].filter((name) => name !== undefined && !used.has(name));
      if (missing.length > 0 || idle.length > 0)
        this.error(
          `${basename(list)} lacks the styles of: ${missing.join(', ') || 'none'}; nobody uses those of: ${idle.join(', ') || 'none'}.`,
        );
    },
  };
}
