/**
 * Runs the import rules over the server, the SDK and the dashboard, and checks the checker: it must have seen every file there is, and each
 * rule must fire on an import planted against it. A rule that cannot fail protects nothing.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { cruise } from 'dependency-cruiser';
import type { ICruiseOptions, ICruiseResult, IFlattenedRuleSet } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { FORBIDDEN, OPTIONS } from './rules.ts';

interface Planted {
  rule: string;
  file: string;
  text: string;
}

/** One bad import per rule. */
const PLANTED: readonly Planted[] = [
  { rule: 'no-unresolved', file: 'src/lib/planted.ts', text: "import './nowhere.ts';" },
  { rule: 'domain-is-pure', file: 'src/domain/planted.ts', text: "import '../store/store.ts';" },
  { rule: 'lib-knows-no-product', file: 'src/lib/planted2.ts', text: "import '../domain/ids.ts';" },
  {
    rule: 'stages-do-not-import-each-other',
    file: 'src/engine/record/planted.ts',
    text: "import '../intake/intake.ts';",
  },
  { rule: 'engine-behind-its-ports', file: 'src/engine/planted.ts', text: "import '../config/settings.ts';" },
  {
    rule: 'stores-behind-their-contract',
    file: 'src/management/planted.ts',
    text: "import '../store/sqlite/sqlite-store.ts';",
  },
  {
    rule: 'a-store-knows-only-the-domain',
    file: 'src/store/sqlite/planted.ts',
    text: "import '../../config/settings.ts';",
  },
  { rule: 'http-decides-nothing', file: 'src/http/planted.ts', text: "import '../engine/pipeline.ts';" },
  {
    rule: 'management-behind-its-ports',
    file: 'src/management/planted2.ts',
    text: "import '../engine/pipeline.ts';",
  },
  {
    rule: 'src-is-not-made-of-tests',
    file: 'src/lib/planted3.ts',
    text: "import '../../test/support/seed.ts';",
  },
  {
    rule: 'server-knows-no-dashboard',
    file: 'src/http/planted5.ts',
    text: "import '../../sdk/src/index.ts';",
  },
  { rule: 'sdk-stands-alone', file: 'sdk/src/planted.ts', text: "import 'node:crypto';" },
  {
    rule: 'dashboard-talks-through-the-sdk',
    file: 'dashboard/src/planted.ts',
    text: "import '../../src/domain/ids.ts';",
  },
  { rule: 'sqlite-in-its-folder', file: 'src/http/planted2.ts', text: "import 'node:sqlite';" },
  { rule: 'undici-in-its-folder', file: 'src/http/planted3.ts', text: "import 'undici';" },
  { rule: 'fastify-in-its-folder', file: 'src/engine/planted2.ts', text: "import 'fastify';" },
  { rule: 'pino-in-its-folder', file: 'src/http/planted4.ts', text: "import 'pino';" },
];

/** All that is built of sources. */
const FOLDERS = ['src', 'sdk/src', 'dashboard/src'];

const root = join(import.meta.dirname, '../..');
process.chdir(root);
const failures = [...(await checkSource()), ...(await checkRules())];
if (failures.length > 0) {
  console.error(failures.join('\n'));
  process.exit(1);
}
console.log(`architecture: ${allFiles().length} files, ${PLANTED.length + 1} rules that bite`);

async function checkSource(): Promise<string[]> {
  const result = await run(FOLDERS);
  const seen = new Set(result.modules.map((module) => module.source));
  const unseen = allFiles().filter((file) => !seen.has(file));
  const deaf = result.modules.every((module) => module.dependencies.length === 0);
  return [
    ...result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
    ...unseen.map((file) => `the check did not see ${file}`),
    ...(deaf ? ['the check saw no import at all: does it understand this TypeScript?'] : []),
  ];
}

/** Plants the bad imports in a copy of the project, and looks whether each rule fires. */
async function checkRules(): Promise<string[]> {
  const copy = mkdtempSync(join(tmpdir(), 'velahook-architecture-'));
  const planted = [
    ...PLANTED,
    { rule: 'no-cycles', file: 'src/lib/planted-a.ts', text: "import './planted-b.ts';" },
  ];
  try {
    for (const folder of [...FOLDERS, 'test/support'])
      cpSync(folder, join(copy, folder), { recursive: true });
    for (const file of ['package.json', 'tsconfig.json']) cpSync(file, join(copy, file));
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    process.chdir(copy);
    writeFileSync('src/lib/planted-b.ts', "import './planted-a.ts';\n");
    for (const { file, text } of planted) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${text}\n`, { flag: 'wx' });
    }
    const { summary } = await run(FOLDERS);
    const fired = new Set(summary.violations.map(({ rule, from }) => `${rule.name} ${from}`));
    return planted
      .filter(({ rule, file }) => !fired.has(`${rule} ${file}`))
      .map(({ rule, file }) => `the rule ${rule} did not fire on ${file}`);
  } finally {
    process.chdir(root);
    rmSync(copy, { recursive: true, force: true });
  }
}

async function run(paths: string[]): Promise<ICruiseResult> {
  const options: ICruiseOptions = {
    ...OPTIONS,
    ruleSet: { forbidden: FORBIDDEN } as IFlattenedRuleSet,
    validate: true,
  };
  const result = await cruise(paths, options, undefined, { tsConfig: extractTSConfig('tsconfig.json') });
  if (typeof result.output === 'string') throw new Error(result.output);
  return result.output;
}

function allFiles(): string[] {
  return FOLDERS.flatMap(filesUnder);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative('.', join(entry.parentPath, entry.name)));
}
