import { expect } from 'vitest';
import { runCommand } from './server-process.ts';

/** What `velahook doctor` said. */
export interface Report {
  code: number | null;
  /** The lines of one check, as `level found → advice`. */
  of(check: string): string[];
  /** The checks that found something bad. */
  bad: string[];
}

/** Runs it with these settings; every line must be one of a check. */
export async function runDoctor(environment: Record<string, string>): Promise<Report> {
  const { code, output } = await runCommand(environment, ['doctor']);
  const lines = output.trim().split('\n');
  for (const line of lines) expect(line).toMatch(/^(ok|warn|bad) +[a-z]+ +\S/);
  const read = lines.map((line) => /^(\w+) +(\w+) +(.*)$/.exec(line)?.slice(1) ?? []);
  return {
    code,
    of: (wanted) => read.flatMap(([level, check, found]) => (check === wanted ? [`${level} ${found}`] : [])),
    bad: read.flatMap(([level, check]) => (level === 'bad' ? [check ?? ''] : [])),
  };
}
