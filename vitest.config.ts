import { join } from 'node:path';
import process from 'node:process';
import { defineConfig } from 'vitest/config';

// Hundreds of stores are opened, each with two threads that load the sources anew: this halves what that costs.
// Set here, since the processes that run the tests get the environment of this one.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/velahook-compile');

/** One configuration, four projects: what every change must pass, what takes longer, and what needs other languages' tools. */
export default defineConfig({
  test: {
    pool: 'forks',
    // By default one core is left idle, and the tests wait much: on two cores that takes twice as long.
    maxWorkers: 3,
    // V8's collector of WebAssembly code can free what a starting thread is about to run (seen as a SIGSEGV in
    // Runtime_TierUpWasmToJSWrapper, about once in 75 runs of a file that starts many threads).
    execArgv: ['--no-wasm-code-gc'],
    // Conditions are waited for as long as a loaded machine may need, and found soon after they hold.
    expect: { poll: { timeout: 15_000, interval: 20 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          // A process serves many files: loading the sources anew for each takes a third of the time.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/faults/**', 'test/scale/**', 'test/snippets/**'],
          globalSetup: [
            'test/support/run-folder.ts',
            'test/support/shared-postgres.ts',
            'test/support/built-dashboard.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/support/run-folder.ts', 'test/support/shared-postgres.ts'],
          testTimeout: 600_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'snippets',
          include: ['test/snippets/**/*.test.ts'],
          globalSetup: ['test/support/run-folder.ts'],
          testTimeout: 120_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'scale',
          include: ['test/scale/**/*.test.ts'],
          globalSetup: ['test/support/run-folder.ts'],
          testTimeout: 900_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
