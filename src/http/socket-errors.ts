import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FailureBody } from './errors.ts';
import { SAFETY_HEADERS } from './headers.ts';

/** What Node says by code about bytes that are no request, as we say it. */
const SOCKET_REFUSALS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The URL or the headers are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'The chunk extensions are too long.'],
};

/** Answers what never became a request, in the same shape as everything else, and closes. */
export function answerSocketError(error: Error & { code?: string }, socket: Socket, requestId: string): void {
  // Nobody is there to be told, or an answer is on its way: a second one would be taken for its body.
  // The same look Node's own handler takes; there is no public one.
  const underWay = (socket as Socket & { _httpMessage?: ServerResponse | null })._httpMessage;
  if (error.code === 'ECONNRESET' || !socket.writable || underWay?.headersSent === true) {
    socket.destroy();
    return;
  }
  const [status, message] = SOCKET_REFUSALS[error.code ?? ''] ?? [
    '400 Bad Request',
    'The bytes received are not a valid HTTP/1.1 request.',
  ];
  const answer = badRequest(message, requestId);
  const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\n\r\n${answer.body}`, () => socket.destroy());
}

/** An `Expect` that is not `100-continue`: Node would answer a bare 417. */
export function answerExpectation(response: ServerResponse, requestId: string): void {
  const answer = badRequest('The only Expect header that is understood is 100-continue.', requestId);
  response.writeHead(400, answer.headers).end(answer.body);
}

function badRequest(message: string, requestId: string): { headers: Record<string, string>; body: string } {
  const failure: FailureBody = { success: false, error: { code: 'BAD_REQUEST', message } };
  const body = JSON.stringify(failure);
  const headers = {
    ...SAFETY_HEADERS,
    'x-request-id': requestId,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  return { headers, body };
}
