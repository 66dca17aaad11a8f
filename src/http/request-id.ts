import type { IncomingMessage } from 'node:http';
import type { Random } from '../lib/random.ts';

const CLIENT_ID_FORM = /^[A-Za-z0-9-]{1,64}$/;
const PROCESS_PART_BYTES = 6;

/**
 * Names requests: by the client's own `X-Request-Id` if it is harmless in a log and a header, else by a number
 * behind a part that is this process's alone.
 */
export function createRequestIds(random: Random): (request: Pick<IncomingMessage, 'headers'>) => string {
  const processPart = Buffer.from(random.bytes(PROCESS_PART_BYTES)).toString('hex');
  let count = 0;
  return (request) => {
    const given = request.headers['x-request-id'];
    if (typeof given === 'string' && CLIENT_ID_FORM.test(given)) return given;
    count += 1;
    return `${processPart}-${count.toString(36)}`;
  };
}
