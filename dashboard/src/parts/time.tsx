import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';

const SECOND = 1_000;
const UNITS = [
  ['day', 86_400 * SECOND],
  ['hour', 3_600 * SECOND],
  ['minute', 60 * SECOND],
  ['second', SECOND],
] as const;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' });
const absolute = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
});

/** As the reader's clock shows it, to the second. */
export function formatInstant(at: string): string {
  return absolute.format(new Date(at));
}

/** "3 min. ago", "in 12 sec.". */
function formatRelative(at: string, now: number): string {
  const ms = new Date(at).getTime() - now;
  const [unit, size] = UNITS.find(([, unitMs]) => Math.abs(ms) >= unitMs) ?? UNITS[3];
  return Math.abs(ms) < SECOND ? 'now' : relative.format(Math.round(ms / size), unit);
}

/** The time now, told again so often. */
function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

const RELATIVE_EVERY_MS = 10 * SECOND;

/** A moment: how long ago, and on pointing at it when exactly. */
export function Time({ at }: { at: string | null }) {
  const now = useNow(RELATIVE_EVERY_MS);
  if (at === null) return <>–</>;
  return (
    // Not a tooltip of the library: a list has one a row, and each takes longer than all else in it.
    <time dateTime={at} title={`${formatInstant(at)} (${at})`} style={{ whiteSpace: 'nowrap' }}>
      {formatRelative(at, now)}
    </time>
  );
}

/** What is left until a moment, to the second. */
export function Countdown({ to }: { to: string }) {
  const now = useNow(SECOND);
  const left = Math.max(0, Math.ceil((new Date(to).getTime() - now) / SECOND));
  return (
    <Text span inherit role="timer" aria-label={`${left} seconds left`}>
      {left === 0 ? 'now' : formatSeconds(left)}
    </Text>
  );
}

/** "1 d 3 h", "2 h 5 min", "3 min 20 s", "8 s". */
function formatSeconds(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** Milliseconds as people read them: "0.4 ms", "85 ms", "1.2 s". */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms === 0) return '0 ms';
  if (ms >= 10_000) return `${Math.round(ms / SECOND)} s`;
  if (ms >= SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** "52 / 106 ms": a unit that both have is said once. */
export function formatMsPair(first: number | null, second: number | null): string {
  const [before, after] = [formatMs(first), formatMs(second)];
  const unit = / m?s$/.exec(after)?.[0] ?? '';
  return `${unit !== '' && before.endsWith(unit) ? before.slice(0, -unit.length) : before} / ${after}`;
}
