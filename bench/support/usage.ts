import { readFileSync } from 'node:fs';

/** Linux counts CPU time of a process in hundredths of a second. */
const TICK_US = 10_000;

/** What a process has used since its start, from Linux's `/proc`. */
export interface Usage {
  cpuUs: number;
  rssMiB: number;
  rssPeakMiB: number;
}

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name is in brackets and may hold spaces; utime and stime are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return {
    cpuUs: (Number(fields[11]) + Number(fields[12])) * TICK_US,
    rssMiB: kib('VmRSS') / 1024,
    rssPeakMiB: kib('VmHWM') / 1024,
  };
}
