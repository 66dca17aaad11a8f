import { loadSettings, SettingsError } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';

/** The settings, or undefined after all that is wrong with them was said. */
export function readSettings(): Settings | undefined {
  try {
    return loadSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    return undefined;
  }
}

/** Runs a command that cannot go on when `run` throws: its message is for whoever called it. Resolves with the exit code. */
export async function withSettings(
  what: string,
  run: (settings: Settings) => Promise<void>,
): Promise<number> {
  const settings = readSettings();
  if (!settings) return 1;
  try {
    await run(settings);
    return 0;
  } catch (error) {
    console.error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}
