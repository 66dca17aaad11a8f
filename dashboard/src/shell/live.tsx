import { Badge, Tooltip } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { openStream, type StreamMessage } from '@velahook/sdk';
import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useAccess, useMay } from '../access/access.ts';
import classes from './live.module.css';
import { Refresher } from './refresher.ts';

/** Without the stream, what is shown is read again so often. */
const POLL_MS = 15_000;

const ALL = ['events', 'deliveries', 'subscriptions', 'stats', 'jobs'];

/** What each kind of message makes old: the first part of a query's key. */
const CHANGED_BY: Readonly<Record<string, readonly string[]>> = {
  event: ['events', 'stats'],
  attempt: ['deliveries', 'events', 'stats'],
  delivery: ['deliveries', 'events', 'stats', 'jobs'],
  deliveries: ['deliveries', 'events', 'stats', 'jobs'],
  // A delivery tells the state of its subscription.
  subscription: ['subscriptions', 'deliveries'],
  erasure: ['events', 'jobs'],
  gap: ALL,
  missed: ALL,
};

type Listener = (message: StreamMessage) => void;
/** `closed`: the stream is not among what may be read. */
type LiveState = 'waiting' | 'open' | 'lost' | 'refused' | 'closed';

interface Live {
  state: LiveState;
  /** Called with each message until the answer of this is called. */
  listen(listener: Listener): () => void;
}

const LiveContext = createContext<Live>({ state: 'waiting', listen: () => () => undefined });

export function useLive(): Live {
  return use(LiveContext);
}

/**
 * Listens to what happens in the workspace, once for all pages, and has what they show read again; without the stream, every
 * now and then.
 */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { client } = useAccess();
  const mayListen = useMay('events:read');
  const queries = useQueryClient();
  const refresher = useMemo(() => new Refresher(queries), [queries]);
  const [heard, setHeard] = useState<LiveState>('waiting');
  const state = mayListen ? heard : 'closed';
  const listeners = useRef(new Set<Listener>());
  useEffect(() => () => refresher.stop(), [refresher]);

  useEffect(() => {
    if (!mayListen) return undefined;
    const ending = new AbortController();
    const listen = async (): Promise<void> => {
      for await (const message of openStream(client, { signal: ending.signal, onState: setHeard })) {
        for (const listener of listeners.current) listener(message);
        refresher.changed(CHANGED_BY[message.kind] ?? []);
      }
    };
    listen().catch(() => setHeard('refused'));
    return () => ending.abort();
  }, [client, mayListen, refresher]);

  useEffect(() => {
    if (state === 'open') return undefined;
    const timer = setInterval(() => {
      // Whoever comes back to the page has it read again by that.
      if (!document.hidden) refresher.changed(ALL);
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [state, refresher]);

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

/** Hints are sentences without their stop. */
export const LIVE_SIGNS: Readonly<Record<LiveState, { label: string; color: string; hint: string }>> = {
  waiting: { label: 'Connecting', color: 'gray', hint: 'Connecting to the live stream' },
  open: { label: 'Live', color: 'teal.5', hint: 'This page follows what happens' },
  lost: { label: 'Offline', color: 'orange', hint: 'The connection was lost; it is made again by itself' },
  refused: {
    label: 'Not live',
    color: 'gray',
    hint: 'The live stream was refused; load the page again to try',
  },
  closed: {
    label: 'Not live',
    color: 'gray',
    hint: `The live stream is not among what may be read here; pages are read again every ${POLL_MS / 1000} seconds`,
  },
};

/** Whether what is shown follows what happens; where the page is narrow, only that it does not. */
export function LiveSign() {
  const { state } = useLive();
  const { label, color, hint } = LIVE_SIGNS[state];
  const isAsUsual = state === 'open' || state === 'waiting';
  return (
    <Tooltip label={hint} events={{ hover: true, focus: false, touch: true }}>
      <Badge
        variant="dot"
        color={color}
        tt="none"
        {...(isAsUsual && { visibleFrom: 'md' })}
        role="status"
        className={classes['sign']}
      >
        {label}
      </Badge>
    </Tooltip>
  );
}
