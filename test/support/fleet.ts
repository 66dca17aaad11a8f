import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import type { ApiAccess } from './api-client.ts';
import { ApiWatch } from './api-watch.ts';
import { audit, drained } from './audit.ts';
import { testCa } from './certificates.ts';
import { Ledger, runAgent } from './ledger.ts';
import type { CallOutcome } from './load.ts';
import { Publisher } from './load.ts';
import type { Receiver } from './receiver.ts';
import { startReceiver } from './receiver.ts';
import { seededRandom } from './seed.ts';
import type { Exit, ServerFolder, ServerProcess } from './server-process.ts';
import { createServerFolder, startServerProcess, stopServerProcess } from './server-process.ts';
import { ENCRYPTION_KEY } from './test-store.ts';

/** Each has two subscriptions: enough lanes that three nodes share them out. */
const TYPES = Array.from({ length: 30 }, (_, i) => `faults.type${i}.happened`);
/** Attempts to one are limited together. */
const ORIGINS = 2;
const ANSWER_MS_MAX = 100;
const FAILURES = 0.05;
/** Longer than any pause of a slow machine. */
const TIMEOUT_MS = 10_000;
const DRAIN_MS_MAX = 60_000;
/** What has not resumed by then has not resumed at all. */
const RESUME_MS_MAX = 30_000;
/** Looking through everything takes a while itself. */
const LOOK_INTERVAL_MS = 250;
/** No call waits here for another one's answer. */
const CONNECTIONS = 2_000;

/** A process of the server. */
export interface FleetNode {
  /** 1, 2, 3, …, by which the ledger knows its requests. */
  run: number;
  server: ServerProcess;
  /** Whether it is published to, as a balancer decides. */
  isIn: boolean;
}

/** How long after a moment each of these was first seen, of the last node; in ms. */
export interface Resumed {
  readyMs: number;
  publishMs: number;
  deliverMs: number;
}

/** What came of everything. */
export interface Account {
  events: number;
  calls: Record<CallOutcome, number>;
  callMsMax: number;
  requests: number;
  states: Record<string, number>;
  /** Attempts made again because a node was cut off; by run. */
  repeats: Record<string, number>;
  /** What must not be, in words. */
  violations: string[];
}

/**
 * Nodes on one database, as processes, with a load: a publisher as they should be, receivers that keep a ledger, and
 * somebody who looks at every node's API all the time.
 */
export class Fleet {
  readonly name: string;
  readonly random: () => number;
  readonly ledger = new Ledger();
  readonly nodes: FleetNode[] = [];
  readonly publisher: Publisher;
  readonly watch: ApiWatch;
  /** When runs were killed or stood still, and when the latter went on: what is attempted twice is judged by it. */
  readonly deaths = new Map<number, number>();
  readonly resumed = new Map<number, number>();
  /** The path of each subscription, by its id. */
  readonly pathOf = new Map<string, string>();
  /** Nodes that ended though nobody ended them. */
  readonly #ended: string[] = [];
  readonly #seed: number;
  readonly #receivers: Receiver[];
  readonly #folder: ServerFolder;
  #publishing: Promise<string[]> | undefined;
  #isOver = false;
  #turn = 0;

  /** Starts without a node. `environment`: of every node. */
  static async open(name: string, environment: Record<string, string> = {}): Promise<Fleet> {
    const receivers = await Promise.all(
      Array.from({ length: ORIGINS }, () => startReceiver({ forgets: true })),
    );
    const folder = createServerFolder(await testCa(), {
      VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY,
      VELAHOOK_RETRY_SCHEDULE: Array(12).fill('300ms').join(','),
      ...environment,
    });
    return new Fleet(name, receivers, folder);
  }

  private constructor(name: string, receivers: Receiver[], folder: ServerFolder) {
    this.name = name;
    this.#receivers = receivers;
    this.#folder = folder;
    const { seed, random } = seededRandom();
    this.#seed = seed;
    this.random = random;
    this.say(`seed ${seed}`);
    this.publisher = new Publisher(() => this.#next(), CONNECTIONS);
    this.watch = new ApiWatch(() => this.#live);
    for (const receiver of receivers)
      receiver.respond(async (request) => {
        const arrival = this.ledger.arrived(request);
        const status = random() < FAILURES ? 500 : 200;
        await wait(random() * ANSWER_MS_MAX);
        this.ledger.answered(arrival, status);
        return { status };
      });
  }

  say(what: string): void {
    process.stdout.write(`${this.name}: ${what}\n`);
  }

  get #live(): FleetNode[] {
    return this.nodes.filter(({ isIn }) => isIn);
  }

  #next(): ApiAccess {
    const live = this.#live;
    const node = live[this.#turn++ % live.length];
    if (node === undefined) throw new Error('No node is to be published to.');
    return node.server.api.access;
  }

  /** Another node. With the first come the subscriptions. */
  async startNode(databaseUrl: string): Promise<FleetNode> {
    const run = this.nodes.length + 1;
    const server = await startServerProcess({
      ...this.#folder.environment,
      DATABASE_URL: databaseUrl,
      VELAHOOK_USER_AGENT: runAgent(run),
    });
    const node = { run, server, isIn: true };
    this.nodes.push(node);
    void server.exited.then(({ code, signal }) => {
      if (node.isIn) this.#ended.push(`run ${run} has ended (${code ?? signal})`);
    });
    if (run === 1) await this.#subscribe(server);
    return node;
  }

  async #subscribe({ api }: ServerProcess): Promise<void> {
    for (const [n, type] of TYPES.entries())
      for (const [i, letter] of ['a', 'b'].entries()) {
        const path = `/${letter}${n}`;
        const url = this.#receivers[(n + i) % ORIGINS]?.url(path);
        const { _id } = await api.subscribe({ url, events: [type], timeoutMs: TIMEOUT_MS });
        this.pathOf.set(_id, path);
      }
  }

  /** Publishes to all nodes by turns until {@link account}. */
  publishAtRate(perSecond: number): void {
    const make = (n: number) => ({
      eventType: TYPES[n % TYPES.length] ?? '',
      eventId: `${this.#seed}-${n}`,
      data: { n, padding: 'x'.repeat(200) },
    });
    this.#publishing = this.publisher.atRate(perSecond, make, () => this.#isOver);
    this.watch.start();
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(node: FleetNode): Promise<void> {
    node.isIn = false;
    this.deaths.set(node.run, Date.now());
    node.server.kill('SIGKILL');
    await node.server.exited;
  }

  /** It stands still, open connections and all, until {@link resume}. */
  freeze(node: FleetNode): void {
    node.isIn = false;
    this.deaths.set(node.run, Date.now());
    node.server.kill('SIGSTOP');
  }

  resume(node: FleetNode): void {
    this.resumed.set(node.run, Date.now());
    node.server.kill('SIGCONT');
  }

  /** Ends it in good order; nobody publishes to it any more. */
  async end(node: FleetNode): Promise<Exit> {
    node.isIn = false;
    return stopServerProcess(node.server);
  }

  /** Resolves when, since then, every node was ready, took an event and, unless lanes stay elsewhere, made an attempt. */
  async resumedSince(at: number, makesAttempts = true): Promise<Resumed> {
    for (;;) {
      const all = this.#live.map((node) => this.#firstOf(node, at));
      const last = (of: (first: Resumed) => number): number => Math.max(...all.map(of)) - at;
      const resumed = {
        readyMs: last(({ readyMs }) => readyMs),
        publishMs: last(({ publishMs }) => publishMs),
        deliverMs: makesAttempts ? last(({ deliverMs }) => deliverMs) : 0,
      };
      if (Math.max(...Object.values(resumed)) < Infinity) return resumed;
      if (Date.now() > at + RESUME_MS_MAX)
        throw new Error(`Not everything was resumed: ${JSON.stringify(all)}.\n${this.#lastWords()}`);
      await wait(LOOK_INTERVAL_MS);
    }
  }

  #lastWords(): string {
    const said = this.nodes.map(({ run, server }) => `run ${run}: …${server.output().slice(-2_000)}`);
    return [...this.#ended, ...said].join('\n');
  }

  #firstOf({ run, server }: FleetNode, at: number): Resumed {
    const ready = this.watch.looks.find(
      (look) => look.run === run && look.path === '/readyz' && look.startedAt >= at && look.status === 200,
    );
    const taken = this.publisher.calls.find(
      ({ url, startedAt, status }) => url === server.api.access.url && startedAt >= at && status === 202,
    );
    const attempts = this.ledger.all().filter((arrival) => arrival.run === run && arrival.at >= at);
    return {
      readyMs: ready === undefined ? Infinity : ready.startedAt + ready.ms,
      publishMs: taken === undefined ? Infinity : taken.startedAt + taken.ms,
      deliverMs: Math.min(Infinity, ...attempts.map((arrival) => arrival.at)),
    };
  }

  /** Ends the load, waits until all is delivered, and compares what was published, what arrived and what is stored. */
  async account(): Promise<Account> {
    this.#isOver = true;
    const published = (await this.#publishing) ?? [];
    this.watch.stop();
    const [node] = this.#live;
    if (node === undefined) throw new Error('There is no node to ask.');
    await drained(node.server.api, DRAIN_MS_MAX);
    const expected = new Set(
      published.flatMap((eventId, n) =>
        ['a', 'b'].map((letter) => `/${letter}${n % TYPES.length} ${eventId}`),
      ),
    );
    const verdict = this.ledger.judge(expected, this.deaths, this.resumed);
    const stored = await audit(node.server.api, published, expected, this.pathOf, this.ledger);
    const unfinished = Object.keys(stored.states).filter((state) => state !== 'succeeded');
    const outcomes = ['ok', 'duplicate', 'refused', 'unknown'] as const;
    return {
      events: published.length,
      calls: Object.fromEntries(
        outcomes.map((outcome) => [outcome, this.publisher.count(outcome)]),
      ) as Account['calls'],
      callMsMax: Math.max(...this.publisher.calls.map(({ ms }) => ms)),
      requests: verdict.arrivals,
      states: stored.states,
      repeats: Object.fromEntries(verdict.repeatsByRun),
      violations: [
        ...this.#ended,
        ...verdict.violations,
        ...stored.violations,
        ...unfinished.map((state) => `deliveries are ${state}`),
      ],
    };
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.watch.stop();
    await this.publisher.close();
    for (const node of this.nodes) {
      node.isIn = false;
      node.server.kill('SIGKILL');
    }
    await Promise.all(this.nodes.map(({ server }) => server.exited));
    await Promise.all(this.#receivers.map((receiver) => receiver.close()));
    this.#folder.remove();
  }
}
