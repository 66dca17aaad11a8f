import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to whoever names none: between the look and its use nobody else gets one of these. */
const [LOWEST, HIGHEST] = [20_000, 32_000];
const TRIES_MAX = 20;

/** A port on loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let i = 0; i < TRIES_MAX; i++) {
    const port = randomInt(LOWEST, HIGHEST);
    const server = createServer();
    const isFree = new Promise<boolean>((resolve) => {
      server.once('listening', () => resolve(true));
      server.once('error', () => resolve(false));
    });
    server.listen(port, '127.0.0.1');
    if (!(await isFree)) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error('There is no free port.');
}
