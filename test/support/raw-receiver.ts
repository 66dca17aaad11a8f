import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { issueCertificate, type ServerCertificate, testCa } from './certificates.ts';

/** A server that speaks no HTTP of its own: what it sends is what the test writes. */
export interface RawReceiver {
  readonly port: number;
  readonly ca: string;
  /** TCP connections accepted so far. */
  readonly connections: number;
  /** Everything received, of all connections, in order. */
  received(): Buffer;
  url(path?: string): string;
  close(): Promise<void>;
}

export interface RawReceiverOptions {
  host?: string;
  port?: number;
  /** `tcp` for a server that does not even speak TLS. */
  transport?: 'tls' | 'tcp';
  certificate?: ServerCertificate;
  tls?: TlsOptions;
}

/**
 * Starts a server for hostile bytes. `onRequest` is called for each connection once a whole request (head and
 * `Content-Length` bytes) has come, for each further one again; `nth` counts the requests of the connection.
 */
export async function startRawReceiver(
  onRequest: (socket: Socket, nth: number) => void,
  options: RawReceiverOptions = {},
): Promise<RawReceiver> {
  const host = options.host ?? '127.0.0.1';
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const serve = (socket: Socket) => {
    let pending = Buffer.alloc(0);
    let nth = 0;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      pending = Buffer.concat([pending, chunk]);
      for (let end = requestEnd(pending); end !== -1; end = requestEnd(pending)) {
        pending = pending.subarray(end);
        onRequest(socket, ++nth);
      }
    });
  };
  const server: Server =
    options.transport === 'tcp'
      ? createTcpServer(serve)
      : createTlsServer({ ...(options.certificate ?? (await issueCertificate())), ...options.tls }, serve);
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    ca: await testCa(),
    get connections() {
      return connections;
    },
    received: () => Buffer.concat(chunks),
    url: (path = '/') => `https://${host}:${port}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The offset after the first whole request in `bytes`, or -1. */
function requestEnd(bytes: Buffer): number {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return -1;
  const length = /^content-length: *(\d+)/im.exec(bytes.toString('latin1', 0, headEnd))?.[1] ?? '0';
  const end = headEnd + 4 + Number(length);
  return bytes.length >= end ? end : -1;
}
