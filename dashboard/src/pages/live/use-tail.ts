import type { StreamMessage } from '@velahook/sdk';
import { useEffect, useRef, useState } from 'react';
import { useLive } from '../../shell/live.tsx';
import type { Line } from './live-line.tsx';

/** Older lines go: a tail is not an archive. */
export const LINES_MAX = 500;
/** Lines are drawn together so often, however fast they come. */
const DRAW_MS = 150;

/** The lines so far, newest first, and how many wait while it is paused. `isWanted` may change: what is here obeys it, too. */
export function useTail(isWanted: (message: StreamMessage) => boolean) {
  const { listen } = useLive();
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [isPaused, setPaused] = useState(false);
  const [waitingCount, setWaitingCount] = useState(0);
  const waiting = useRef<Line[]>([]);
  const number = useRef(0);

  useEffect(() => {
    const stop = listen((message) => {
      if (!isWanted(message)) return;
      waiting.current.unshift({ key: (number.current += 1), at: Date.now(), message });
      waiting.current.length = Math.min(waiting.current.length, LINES_MAX);
    });
    const timer = setInterval(() => {
      const fresh = waiting.current;
      if (isPaused) setWaitingCount(fresh.filter(({ message }) => isWanted(message)).length);
      else if (fresh.length > 0) {
        waiting.current = [];
        setLines((before) => [...fresh, ...before].slice(0, LINES_MAX));
        setWaitingCount(0);
      }
    }, DRAW_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [listen, isPaused, isWanted]);

  const clear = (): void => {
    waiting.current = [];
    setLines([]);
    setWaitingCount(0);
  };
  return {
    lines: lines.filter(({ message }) => isWanted(message)),
    isFull: lines.length === LINES_MAX,
    isPaused,
    setPaused,
    clear,
    waitingCount,
  };
}
