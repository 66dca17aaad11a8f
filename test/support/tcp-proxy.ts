import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/**
 * What becomes of the bytes that {@link TcpProxy.cutAt} waits for, when the client's connection ends with them:
 * `lost` never reach the server, which sees its connection end too; `unanswered` reach it, and its answer is lost;
 * `late` reach it only when {@link TcpProxy.deliverLate} is called: until then it sees nothing.
 */
export type Fate = 'lost' | 'unanswered' | 'late';

/** A network between a client and a server on this machine, with faults when they are wanted. */
export interface TcpProxy {
  /** The same URL, through the proxy. */
  through(url: string): string;
  /** The next time a client sends `text`, its connection is cut; resolves when it is. */
  cutAt(text: string, fate: Fate): Promise<void>;
  deliverLate(): void;
  /** Connections over which the client has sent `text` stay open, but nothing passes any more. Answers how many. */
  freeze(text: string): number;
  /** The server is told that those which are frozen have ended; their clients are not. */
  endFrozenAtServer(): void;
  /** Ends those connections. Answers how many. */
  cut(text: string): number;
  /** Whether new connections are taken; refused ones are ended at once. */
  refuse(isRefusing: boolean): void;
  /** Whether nothing passes on new connections either, which are taken all the same. */
  deafen(isDeaf: boolean): void;
  /** Another server from now on; connections to the one before are ended. */
  switchTo(serverUrl: string): void;
  close(): Promise<void>;
}

interface Link {
  client: Socket;
  server: Socket;
  /** All that the client sent, as far as it is kept. */
  sent: string;
  isFrozen: boolean;
}

/** Enough of a connection's beginning to know it by. */
const SENT_KEPT = 100_000;

export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  let { hostname, port } = new URL(serverUrl);
  const links = new Set<Link>();
  let trap: { text: string; fate: Fate; sprung: () => void } | undefined;
  let late: (() => void) | undefined;
  let isRefusing = false;
  let isDeaf = false;

  const fromClient = (link: Link, bytes: Buffer): void => {
    const text = bytes.toString('latin1');
    if (link.sent.length < SENT_KEPT) link.sent += text;
    if (link.isFrozen) return;
    const found = trap?.text !== undefined && text.includes(trap.text) ? trap : undefined;
    if (found === undefined) {
      link.server.write(bytes);
      return;
    }
    trap = undefined;
    link.isFrozen = true;
    const end = (): void => {
      endLink(link);
      found.sprung();
    };
    if (found.fate === 'lost') end();
    if (found.fate === 'unanswered') {
      link.server.once('data', end);
      link.server.write(bytes);
    }
    if (found.fate === 'late') {
      // Its answer finds nobody, by which the server knows.
      late = () => {
        link.server.once('data', () => endLink(link));
        link.server.write(bytes);
      };
      link.client.destroy();
      found.sprung();
    }
  };

  const endLink = (link: Link): void => {
    link.client.destroy();
    link.server.destroy();
    links.delete(link);
  };

  const server = createServer({ noDelay: true }, (client) => {
    if (isRefusing) return client.destroy();
    const link: Link = {
      client,
      server: connect({ host: hostname, port: Number(port), noDelay: true }),
      sent: '',
      isFrozen: isDeaf,
    };
    links.add(link);
    client.on('data', (bytes: Buffer) => fromClient(link, bytes));
    link.server.on('data', (bytes: Buffer) => void (link.isFrozen || client.write(bytes)));
    for (const socket of [client, link.server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => void (link.isFrozen || endLink(link)));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const having = (text: string): Link[] => [...links].filter(({ sent }) => sent.includes(text));
  return {
    through(url) {
      const through = new URL(url);
      through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      return through.href;
    },
    cutAt: (text, fate) => new Promise((resolve) => (trap = { text, fate, sprung: resolve })),
    deliverLate: () => late?.(),
    freeze(text) {
      const found = having(text).filter(({ isFrozen }) => !isFrozen);
      for (const link of found) link.isFrozen = true;
      return found.length;
    },
    endFrozenAtServer() {
      for (const { server: socket, isFrozen } of links) if (isFrozen) socket.destroy();
    },
    cut(text) {
      const found = having(text);
      found.forEach(endLink);
      return found.length;
    },
    refuse: (refusing) => void (isRefusing = refusing),
    deafen: (deaf) => void (isDeaf = deaf),
    switchTo(url) {
      ({ hostname, port } = new URL(url));
      for (const link of links) endLink(link);
    },
    async close() {
      for (const link of links) endLink(link);
      server.close();
      await once(server, 'close');
    },
  };
}
