import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { issueCertificate, testCa } from '../../test/support/certificates.ts';
import type { ReceiverQuestion, ReceiverReport, ReceiverStart } from './receiver-process.ts';

export interface BenchReceiver {
  pid: number;
  ca: string;
  /** At its first address, or at another one: each is an origin. */
  url(path: string, address?: number): string;
  reset(): Promise<void>;
  report(): Promise<ReceiverReport>;
  /** From now on paths that begin with `/turn/` hang, or are answered again. */
  turn(to: 'hang' | 'answer'): Promise<void>;
  stop(): void;
}

/** `addresses`: how many of 127.0.0.0/8 it listens on. */
export async function startBenchReceiver(addresses = 1): Promise<BenchReceiver> {
  const hosts = Array.from({ length: addresses }, (_, i) => `127.0.${i >> 8}.${(i & 255) + 1}`);
  const child = fork(join(import.meta.dirname, 'receiver-process.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const start: ReceiverStart = {
    addresses: hosts,
    certificate: await issueCertificate({ addresses: hosts }),
  };
  child.send(start);
  const { port } = await answerOf<{ port: number }>(child);
  const ask = async <T>(question: ReceiverQuestion): Promise<T> => {
    const answer = answerOf<T>(child);
    child.send(question);
    return answer;
  };
  return {
    pid: child.pid ?? 0,
    ca: await testCa(),
    url: (path, address = 0) => `https://${hosts[address % hosts.length]}:${port}${path}`,
    reset: () => ask('reset'),
    report: () => ask('report'),
    turn: (to) => ask(to),
    stop: () => child.disconnect(),
  };
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [answer] = (await once(child, 'message')) as [T];
  return answer;
}
