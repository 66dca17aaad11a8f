import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { ApiAccess } from './api-client.ts';

/** A message of a stream, its data parsed. */
export interface StreamMessage {
  id: string | null;
  event: string;
  data: Record<string, unknown>;
}

/** A client of the live stream on a bare socket, so that a test decides when it reads. */
export interface StreamClient {
  readonly socket: Socket;
  readonly messages: readonly StreamMessage[];
  /** The number of the last id that came, with or without a message. */
  readonly lastId: string | null;
  /** Whether the connection is over. */
  readonly isClosed: boolean;
  /** Everything that came, as text. */
  readonly text: string;
  of(event: string): StreamMessage[];
  close(): void;
}

/** Opens a stream; resolves when it is open, or rejects with the refusal's status and text. */
export async function openStream(
  { url, workspaceId, token }: ApiAccess,
  query = '',
  headers: Record<string, string> = {},
): Promise<StreamClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const lines = Object.entries({
    host: hostname,
    authorization: `Bearer ${token}`,
    'x-workspace-id': workspaceId,
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET /api/v1/stream${query} HTTP/1.1\r\n${lines.join('')}\r\n`);
  let text = '';
  let isClosed = false;
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => (text += chunk));
  socket.on('close', () => (isClosed = true));
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      // Answered with a stream, and told where it begins; or refused.
      if (/^HTTP\/1\.1 200[\s\S]*\nid: /.test(text)) resolve();
      else if (/^HTTP\/1\.1 [^2][\s\S]*\}\s*$/.test(text)) {
        socket.destroy();
        reject(new Error(text));
      }
    };
    socket.on('data', look);
    socket.on('close', () => reject(new Error(`closed: ${text}`)));
  });
  return {
    socket,
    get messages() {
      return messagesIn(text);
    },
    get lastId() {
      return [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? null;
    },
    get isClosed() {
      return isClosed;
    },
    get text() {
      return text;
    },
    of: (event) => messagesIn(text).filter((message) => message.event === event),
    close: () => socket.destroy(),
  };
}

/** The whole messages so far; the chunks of HTTP are stripped, none of which splits a line of ours. */
function messagesIn(text: string): StreamMessage[] {
  const body = text.slice(text.indexOf('\r\n\r\n') + 4).replaceAll(/\r\n[0-9a-f]+\r\n|^[0-9a-f]+\r\n/g, '');
  // What follows the last blank line is still coming, or was cut.
  const blocks = body.split('\n\n').slice(0, -1);
  return blocks.flatMap((block) => {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const [event, data] = [field('event'), field('data')];
    if (event === undefined || data === undefined) return [];
    return [{ id: field('id') ?? null, event, data: JSON.parse(data) as Record<string, unknown> }];
  });
}
