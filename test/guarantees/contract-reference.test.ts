import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApp } from '../contract/running-app.ts';
import { startContractApp } from '../contract/running-app.ts';
import type { OpenApiDocument } from '../support/openapi-document.ts';
import { operationsOf } from '../support/openapi-document.ts';

const ROOT = join(import.meta.dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'docs/reference/contract.md'), 'utf8');
/** Fewer would mean that the tables are no longer found. */
const PROMISES_MIN = 200;
/** Of a title with something inserted, the rest must be long enough to be told from others. */
const PART_CHARS_MIN = 12;

interface Promised {
  line: number;
  /** What holds. */
  what: string;
  shownBy: { file: string; title: string }[];
  /** Whatever of the second cell is not a list of tests. */
  rest: string;
}

/** The rows of all tables `| What holds | Shown by |`. */
function promises(): Promised[] {
  const lines = TEXT.split('\n');
  const found: Promised[] = [];
  let isInTable = false;
  for (const [index, line] of lines.entries()) {
    if (/^\| What holds +\| Shown by +\|$/.test(line)) isInTable = true;
    else if (!line.startsWith('|')) isInTable = false;
    else if (isInTable && !/^\|[ -]+\|[ -]+\|$/.test(line)) found.push(promiseOf(line, index + 1));
  }
  return found;
}

function promiseOf(line: string, number: number): Promised {
  const [, what = '', tests = '', ...more] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  const entry = /^`([\w-]+\/[\w-]+)`: (.+)$/;
  const entries = tests.split('; `').map((each, i) => (i === 0 ? each : `\`${each}`));
  const shownBy = entries.flatMap((each) => {
    const [, file, title] = entry.exec(each) ?? [];
    return file === undefined || title === undefined ? [] : [{ file, title: title.replaceAll('\\|', '|') }];
  });
  const rest = [...entries.filter((each) => !entry.test(each)), ...more.filter(Boolean)].join('; ');
  return { line: number, what, shownBy, rest };
}

function pathOf(file: string): string | undefined {
  const kinds = file.startsWith('conformance/') ? ['-suite.ts', '.test.ts'] : ['.test.ts'];
  return kinds.map((kind) => join(ROOT, 'test', file + kind)).find((path) => existsSync(path));
}

/** A title as it stands in the source: one piece, or the pieces between what is inserted. */
type Title = string[];

const titles = new Map<string, Title[]>();

/** Every title of a test, a group or a table of tests in that file. */
function titlesIn(path: string): Title[] {
  const known = titles.get(path);
  if (known) return known;
  const found: Title[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ['test', 'it'].includes(calledBy(node))) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) found.push([title.text]);
      if (title !== undefined && ts.isTemplateExpression(title))
        found.push([title.head.text, ...title.templateSpans.map(({ literal }) => literal.text)]);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest));
  titles.set(path, found);
  return found;
}

/** `test` of `test(…)`, `test.skipIf(…)(…)` and `test.each([…])(…)`. */
function calledBy(call: ts.CallExpression): string {
  let called: ts.Expression = call.expression;
  while (ts.isCallExpression(called) || ts.isPropertyAccessExpression(called)) called = called.expression;
  return ts.isIdentifier(called) ? called.text : '';
}

function isTitle(title: string, path: string): boolean {
  return titlesIn(path).some((pieces) =>
    pieces.length === 1
      ? pieces[0] === title
      : title.length >= PART_CHARS_MIN && pieces.some((piece) => piece.includes(title)),
  );
}

let running: RunningApp;
beforeAll(async () => {
  running = await startContractApp();
});
afterAll(() => running.stop());

test('every promise of the contract names the tests that show it, and these are there', () => {
  const rows = promises();
  expect(rows.length).toBeGreaterThan(PROMISES_MIN);
  const problems = rows.flatMap(({ line, what, shownBy, rest }) => {
    const where = `contract.md:${line}: `;
    if (what === '' || shownBy.length === 0) return [`${where}nothing shows: ${what}`];
    if (rest !== '') return [`${where}no list of tests: ${rest}`];
    return shownBy.flatMap(({ file, title }) => {
      const path = pathOf(file);
      if (path === undefined) return [`${where}no such file: ${file}`];
      return isTitle(title, path) ? [] : [`${where}not in ${file}: ${title}`];
    });
  });
  expect(problems).toEqual([]);
});

test('the contract names every call of the API, and no other', async () => {
  const document = (await (await fetch(`${running.app.url}/openapi.json`)).json()) as OpenApiDocument;
  const named = new Set(
    [...TEXT.matchAll(/`([A-Z]+) (\/[^`? ]*)`/g)].map(
      ([, method, path]) => `${method} ${path?.replaceAll(/:\w+/g, '{}')}`,
    ),
  );
  const calls = operationsOf(document).map(
    ({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`,
  );
  expect(calls.length).toBeGreaterThan(15);
  expect(calls.filter((call) => !named.has(call))).toEqual([]);
  const ofTheApi = [...named].filter((call) => call.includes('/api/v1/'));
  expect(ofTheApi.filter((call) => !calls.includes(call))).toEqual([]);
});
