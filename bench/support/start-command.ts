import { readFileSync } from 'node:fs';
import process from 'node:process';

/** What `npm start` runs, without `node` itself; `BENCH_NODE_FLAGS` replaces its flags. */
export function startCommand(): string[] {
  const flags = process.env['BENCH_NODE_FLAGS'];
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };
  const [, ...command] = scripts.start.split(' ');
  return flags === undefined ? command : [...flags.split(' ').filter(Boolean), command.at(-1) ?? ''];
}
