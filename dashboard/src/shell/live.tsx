import { Badge, Tooltip } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { openStream, type StreamMessage } from '@velahook/sdk';
import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useAccess, useMay } from '../access/access.ts';
import { isShortList } from '../parts/cursor-list.tsx';

/** What a page shows is read again at most so often, however much happens. */
const REFRESH_MS = 2_000;

/** What each kind of message makes old: the first part of a query's key. */
const CHANGED_BY: Readonly<Record<string, readonly string[]>> = {
  event: ['events', 'stats'],
  attempt: ['deliveries', 'events', 'stats'],
  delivery: ['deliveries', 'events', 'stats', 'jobs'],
  deliveries: ['deliveries', 'events', 'stats', 'jobs'],
  // A delivery tells the state of its subscription.
  subscription: ['subscriptions', 'deliveries'],
  erasure: ['events', 'jobs'],
  gap: ['events', 'deliveries', 'subscriptions', 'stats', 'jobs'],
};

type Listener = (message: StreamMessage) => void;
type LiveState = 'waiting' | 'open' | 'lost' | 'refused';

interface Live {
  state: LiveState;
  /** Called with each message until the answer of this is called. */
  listen(listener: Listener): () => void;
}

const LiveContext = createContext<Live>({ state: 'waiting', listen: () => () => undefined });

export function useLive(): Live {
  return use(LiveContext);
}

/** Listens to what happens in the workspace, once for all pages, and has what they show read again. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { client } = useAccess();
  const mayListen = useMay('events:read');
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>('waiting');
  const listeners = useRef(new Set<Listener>());

  useEffect(() => {
    if (!mayListen) return undefined;
    const ending = new AbortController();
    const changed = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = (): void => {
      timer = undefined;
      const keys = [...changed];
      changed.clear();
      for (const key of keys) void queries.invalidateQueries({ queryKey: [key], predicate: isShortList });
    };
    const listen = async (): Promise<void> => {
      for await (const message of openStream(client, { signal: ending.signal, onState: setState })) {
        for (const listener of listeners.current) listener(message);
        for (const key of CHANGED_BY[message.kind] ?? []) changed.add(key);
        if (changed.size > 0) timer ??= setTimeout(refresh, REFRESH_MS);
      }
    };
    listen().catch(() => setState('refused'));
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [client, mayListen, queries]);

  const live = useMemo<Live>(
    () => ({
      state,
      listen: (listener) => {
        const { current } = listeners;
        current.add(listener);
        return () => current.delete(listener);
      },
    }),
    [state],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

const SIGNS: Readonly<Record<LiveState, { label: string; color: string; hint: string }>> = {
  waiting: { label: 'Connecting', color: 'gray', hint: 'Connecting to the live stream' },
  open: { label: 'Live', color: 'teal.5', hint: 'This page follows what happens' },
  lost: { label: 'Offline', color: 'orange', hint: 'The connection was lost; it is made again by itself' },
  refused: {
    label: 'Not live',
    color: 'gray',
    hint: 'The live stream was refused; load the page again to try',
  },
};

/** Whether what is shown follows what happens. */
export function LiveSign() {
  const { state } = useLive();
  const { label, color, hint } = SIGNS[state];
  return (
    <Tooltip label={hint}>
      <Badge
        variant="dot"
        color={color}
        tt="none"
        visibleFrom="md"
        role="status"
        style={{ color: 'inherit' }}
      >
        {label}
      </Badge>
    </Tooltip>
  );
}
