import { setTimeout as wait } from 'node:timers/promises';
import { TOKEN, WORKSPACE_ID } from './server-process.ts';
import type { FleetNode } from './fleet.ts';
import type { Call } from './load.ts';

const PATHS = ['/healthz', '/readyz', '/api/v1/deliveries?limit=1'] as const;
const INTERVAL_MS = 200;
/** No answer in so long is none. */
const WAIT_MS_MAX = 15_000;

/** What somebody saw who looked once. */
export interface Look {
  run: number;
  path: (typeof PATHS)[number];
  /** Null: no answer. */
  status: number | null;
  retryAfterS: number | null;
  startedAt: number;
  ms: number;
}

/** Looks at the health and the API of every node all the time. */
export class ApiWatch {
  readonly looks: Look[] = [];
  readonly #nodes: () => readonly FleetNode[];
  #isStopped = false;

  constructor(nodes: () => readonly FleetNode[]) {
    this.#nodes = nodes;
  }

  start(): void {
    for (const path of PATHS) void this.#lookOn(path);
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Statuses of a path seen by those who asked after `from` and were answered before `to`. */
  statuses(path: Look['path'], from: number, to: number): Set<number | null> {
    const during = this.looks.filter((look) => look.startedAt >= from && look.startedAt + look.ms <= to);
    return new Set(during.filter((look) => look.path === path).map(({ status }) => status));
  }

  async #lookOn(path: Look['path']): Promise<void> {
    while (!this.#isStopped) {
      for (const node of this.#nodes()) void this.#look(node, path);
      await wait(INTERVAL_MS);
    }
  }

  async #look({ run, server }: FleetNode, path: Look['path']): Promise<void> {
    const look: Look = { run, path, status: null, retryAfterS: null, startedAt: Date.now(), ms: 0 };
    try {
      const answer = await fetch(`${server.api.access.url}${path}`, {
        headers: { authorization: `Bearer ${TOKEN}`, 'x-workspace-id': WORKSPACE_ID },
        signal: AbortSignal.timeout(WAIT_MS_MAX),
      });
      await answer.arrayBuffer();
      look.status = answer.status;
      look.retryAfterS = Number(answer.headers.get('retry-after') ?? Number.NaN) || null;
    } catch {
      // Told by the status.
    }
    look.ms = Date.now() - look.startedAt;
    this.looks.push(look);
  }
}

/**
 * What the API promises for one call of the store is 2.5 s. A request may make two, one after the other: for the
 * token, unless it is remembered, and for what was asked. The rest are a slow machine's pauses.
 */
const ANSWER_MS_MAX = 2 * 2_500 + 1_500;

/**
 * What was answered as a server must not answer while its database is away, in words: nothing but 2xx, and 503 with
 * `Retry-After`, each in time; and of `/healthz` nothing but 200.
 */
export function badAnswers(looks: readonly Look[], calls: readonly Call[]): string[] {
  const bad: string[] = [];
  for (const { run, path, status, retryAfterS, ms } of looks) {
    const isWell = status === 200 || (status === 503 && path === '/readyz');
    const isRefused = status === 503 && path !== '/healthz' && retryAfterS !== null;
    if ((!isWell && !isRefused) || ms > ANSWER_MS_MAX)
      bad.push(`run ${run} ${path}: ${status} after ${ms} ms`);
  }
  for (const { url, status, retryAfterS, ms } of calls) {
    const isWell = status === 202 || (status === 503 && retryAfterS !== null);
    if (!isWell || ms > ANSWER_MS_MAX) bad.push(`${url} publish: ${status} after ${ms} ms`);
  }
  return bad.slice(0, 20);
}
