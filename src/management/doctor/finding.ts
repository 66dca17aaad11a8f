/** How bad it is: `bad` stops events or loses them, `warn` may, or is risky. */
export type Level = 'ok' | 'warn' | 'bad';

/** What one check found. */
export interface Finding {
  /** One word: what was looked at. */
  check: string;
  level: Level;
  /** What was found, a sentence. */
  found: string;
  /** What to do about it, a sentence; never missing where something is wrong. */
  advice?: string;
}

export function ok(check: string, found: string): Finding {
  return { check, level: 'ok', found };
}

export function warn(check: string, found: string, advice: string): Finding {
  return { check, level: 'warn', found, advice };
}

export function bad(check: string, found: string, advice: string): Finding {
  return { check, level: 'bad', found, advice };
}

/** `1.2 s`, `3 min`, `2.5 h`, `4 d`. */
export function lengthOf(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ] as const;
  for (const [unit, unitMs] of units)
    if (ms >= unitMs) return `${Math.round((ms / unitMs) * 10) / 10} ${unit}`;
  return `${Math.round(ms)} ms`;
}

/** `1.2 GiB`. */
export function sizeOf(bytes: number): string {
  const units = [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const;
  for (const [unit, unitBytes] of units)
    if (bytes >= unitBytes) return `${Math.round((bytes / unitBytes) * 10) / 10} ${unit}`;
  return `${bytes} bytes`;
}
