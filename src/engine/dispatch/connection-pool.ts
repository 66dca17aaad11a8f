import type { Connection } from './connection.ts';

/** As many as a busy receiver is given requests at once. */
const IDLE_PER_AUTHORITY_MAX = 100;
/** Each costs 100 to 200 KB: 1,000 of them are what a small machine can spare. */
const IDLE_MAX = 1_000;

/**
 * Idle keep-alive connections by `host:port`, the last used first. Bounded; each goes by itself when its idle time
 * is over. Connections carry nothing of a workspace, so all share them.
 */
export class ConnectionPool {
  // A Map keeps the order of insertion: the first authority is the one that was given a connection longest ago.
  readonly #idle = new Map<string, Connection[]>();
  #count = 0;

  /** Whether there is an idle connection; it may turn out to be closed. */
  has(authority: string): boolean {
    return this.#idle.has(authority);
  }

  /** Takes out an idle connection that is still good. */
  take(authority: string): Connection | undefined {
    const connections = this.#idle.get(authority) ?? [];
    let found = connections.pop();
    for (; found !== undefined; found = connections.pop()) {
      this.#count--;
      if (found.isUsable) break;
      found.destroy();
    }
    if (connections.length === 0) this.#idle.delete(authority);
    return found;
  }

  /** Keeps a connection whose response has been read to its end. */
  give(connection: Connection): void {
    const connections = this.#idle.get(connection.authority) ?? [];
    if (!connection.isUsable || connections.length >= IDLE_PER_AUTHORITY_MAX) return connection.destroy();
    connection.isReused = true;
    connections.push(connection);
    this.#count++;
    this.#idle.delete(connection.authority);
    this.#idle.set(connection.authority, connections);
    if (this.#count > IDLE_MAX) this.#dropOldest();
  }

  /** Forgets a connection that closed. */
  remove(connection: Connection): void {
    const connections = this.#idle.get(connection.authority);
    const at = connections?.indexOf(connection) ?? -1;
    if (connections === undefined || at === -1) return;
    connections.splice(at, 1);
    this.#count--;
    if (connections.length === 0) this.#idle.delete(connection.authority);
  }

  close(): void {
    for (const connections of this.#idle.values()) for (const connection of connections) connection.destroy();
    this.#idle.clear();
    this.#count = 0;
  }

  #dropOldest(): void {
    for (const [oldest] of this.#idle.values()) {
      if (oldest === undefined) continue;
      this.remove(oldest);
      oldest.destroy();
      return;
    }
  }
}
