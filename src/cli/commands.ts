import type { Command } from './command.ts';

/**
 * What `velahook` can do; the first is what it does when it is told nothing. A command's work is in its own file,
 * loaded when it is wanted: the server does not carry the others about.
 */
export const COMMANDS: readonly Command[] = [
  {
    name: 'serve',
    arguments: [],
    summary: 'run the server (the default)',
    run: async () => (await import('./serve.ts')).serve(),
  },
  {
    name: 'admin-token',
    arguments: [],
    summary: 'make a new admin token and print it; also while the server runs',
    run: async () => (await import('./admin-token.ts')).replaceAdminToken(),
  },
  {
    name: 'backup',
    arguments: ['<folder>'],
    summary: 'copy the embedded store, as it is now, to a new folder; also while the server runs',
    run: async ([folder = '']) => (await import('./backup.ts')).backUp(folder),
  },
  {
    name: 'restore',
    arguments: ['<folder>'],
    summary: 'put a backup where there is no store yet',
    run: async ([folder = '']) => (await import('./backup.ts')).restore(folder),
  },
  {
    name: 'doctor',
    arguments: [],
    summary: 'look at settings, store, clock, DNS, outgoing HTTPS and backlog, and say what to do',
    run: async () => (await import('./doctor.ts')).doctor(),
  },
  {
    name: 'migrate',
    arguments: [],
    summary: 'bring the store up to date, as each start does by itself, and say what was applied',
    run: async () => (await import('./migrate.ts')).migrate(),
  },
  {
    name: 'move',
    arguments: [],
    summary: 'copy the embedded store to the empty database that DATABASE_URL names',
    run: async () => (await import('./move.ts')).move(),
  },
  {
    name: 'rotate-key',
    arguments: [],
    summary: 'seal signing secrets under a new key; also while the server runs',
    run: async () => (await import('./rotate-key.ts')).rotateKey(),
  },
];
