import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const USAGE = `Velahook: webhook sending as software anyone can run.

Usage: velahook [command]

Commands:
  serve      run the server (the default)

Options:
  -h, --help     show this
  -v, --version  show the version

Settings come from environment variables; docs/reference/settings.md lists them.`;

export interface Commands {
  /** Resolves with the exit code when the command is done. */
  serve(): Promise<number>;
}

/** Runs what the arguments ask for; resolves with the exit code. */
export async function runCommand(args: readonly string[], commands: Commands): Promise<number> {
  const { values, positionals, unknown } = parse(args);
  if (unknown !== undefined) {
    console.error(`${unknown}\n\n${USAGE}`);
    return 2;
  }
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.version) {
    console.log(readVersion());
    return 0;
  }
  const [command = 'serve', ...rest] = positionals;
  if (command === 'serve' && rest.length === 0) return commands.serve();
  console.error(`There is no command "${positionals.join(' ')}".\n\n${USAGE}`);
  return 2;
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
