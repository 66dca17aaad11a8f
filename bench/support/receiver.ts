import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ReceiverQuestion, ReceiverReport } from './receiver-process.ts';

export interface BenchReceiver {
  pid: number;
  ca: string;
  url(path: string): string;
  reset(): Promise<void>;
  report(): Promise<ReceiverReport>;
  stop(): void;
}

export async function startBenchReceiver(): Promise<BenchReceiver> {
  const child = fork(join(import.meta.dirname, 'receiver-process.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { port, ca } = await answerOf<{ port: number; ca: string }>(child);
  const ask = async <T>(question: ReceiverQuestion): Promise<T> => {
    const answer = answerOf<T>(child);
    child.send(question);
    return answer;
  };
  return {
    pid: child.pid ?? 0,
    ca,
    url: (path) => `https://127.0.0.1:${port}${path}`,
    reset: () => ask('reset'),
    report: () => ask('report'),
    stop: () => child.disconnect(),
  };
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [answer] = (await once(child, 'message')) as [T];
  return answer;
}
