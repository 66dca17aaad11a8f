import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface KillableStore {
  /** Everything it said so far, in order; see `store-child.ts`. */
  lines: string[];
  /** Resolves when it has said so many lines; rejects when it ends before. */
  hasSaid(count: number): Promise<void>;
  /** Resolves with the signal that ended it, when all it said has been read. */
  ended: Promise<NodeJS.Signals | null>;
  kill(): void;
}

/** Starts `store-child.ts`, a process with a store that publishes and records until it is killed. */
export function startKillableStore(...args: string[]): KillableStore {
  const path = fileURLToPath(new URL('store-child.ts', import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const lines: string[] = [];
  const waiting: { count: number; resolve(): void; reject(error: Error): void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const waiter of waiting) if (lines.length >= waiter.count) waiter.resolve();
  });
  const ended = once(child, 'close').then(([, signal]) => {
    for (const { reject } of waiting) reject(new Error(`The child ended (${String(signal)}). ${errors}`));
    return signal as NodeJS.Signals | null;
  });
  return {
    lines,
    hasSaid: (count) =>
      new Promise((resolve, reject) => {
        if (lines.length >= count) resolve();
        else waiting.push({ count, resolve, reject });
      }),
    ended,
    kill: () => child.kill('SIGKILL'),
  };
}
