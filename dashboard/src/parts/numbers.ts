const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** "12,345". */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** "12.3K": where there is little room. */
export function formatShort(count: number): string {
  return short.format(count);
}

/** A part of one as a percentage; never rounded up to a whole that it is not. */
export function formatRate(rate: number | null): string {
  if (rate === null) return '–';
  if (rate === 1) return '100 %';
  return `${(Math.floor(rate * 1_000) / 10).toFixed(1)} %`;
}

/** "3 KB": in thousands of bytes, as sizes on a wire are. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
