import process from 'node:process';

/**
 * Ends the process as `kill -9` would, if `name` is the point that was armed (`VELAHOOK_FAILPOINT`): the fault
 * suite dies exactly here to prove that nothing is lost. Costs one comparison otherwise.
 */
export function failpoint(armed: string | null, name: string): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
