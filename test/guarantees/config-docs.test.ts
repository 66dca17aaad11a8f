import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VARIABLES } from '../../src/config/load.ts';

test('the reference of settings has a row for each variable there is, and no other', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/reference/settings.md'), 'utf8');
  const documented = [...text.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name);
  expect(documented.toSorted()).toEqual(VARIABLES.map(({ name }) => name).toSorted());
});
