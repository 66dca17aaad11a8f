import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export interface Command {
  name: string;
  /** What follows the name, as the usage shows it: `<folder>`. */
  arguments: readonly string[];
  summary: string;
  /** Resolves with the exit code when the command is done. Gets as many arguments as are named. */
  run(args: readonly string[]): Promise<number>;
}

/** Runs the command that the arguments ask for, the first one by default; resolves with the exit code. */
export async function runCommand(args: readonly string[], commands: readonly Command[]): Promise<number> {
  const { values, positionals, unknown } = parse(args);
  if (unknown !== undefined) return refuse(unknown, commands);
  if (values.help) {
    console.log(usageOf(commands));
    return 0;
  }
  if (values.version) {
    console.log(readVersion());
    return 0;
  }
  const [name = commands[0]?.name, ...rest] = positionals;
  const command = commands.find((each) => each.name === name);
  if (command === undefined) return refuse(`There is no command "${name}".`, commands);
  if (rest.length !== command.arguments.length) return refuse(`Usage: velahook ${lineOf(command)}`, commands);
  return command.run(rest);
}

function refuse(message: string, commands: readonly Command[]): number {
  console.error(`${message}\n\n${usageOf(commands)}`);
  return 2;
}

function usageOf(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => lineOf(command).length)) + 2;
  const lines = commands.map((command) => `  ${lineOf(command).padEnd(width)}${command.summary}`);
  return `Velahook: webhook sending as software anyone can run.

Usage: velahook [command]

Commands:
${lines.join('\n')}

Options:
  -h, --help     show this
  -v, --version  show the version

Settings come from environment variables; docs/reference/settings.md lists them.`;
}

function lineOf(command: Command): string {
  return [command.name, ...command.arguments].join(' ');
}

interface Parsed {
  values: { help?: boolean; version?: boolean };
  positionals: string[];
  unknown?: string;
}

function parse(args: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    });
  } catch (error) {
    return { values: {}, positionals: [], unknown: error instanceof Error ? error.message : String(error) };
  }
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
}
