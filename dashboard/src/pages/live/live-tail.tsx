import { Button, Chip, Group, Paper, Text, TextInput } from '@mantine/core';
import { IconBroadcast, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import type { StreamMessage } from '@velahook/sdk';
import { useEffect, useRef, useState } from 'react';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { useLive } from '../../shell/live.tsx';
import { LiveLine, type Line } from './live-line.tsx';

const route = getRouteApi('/live');

/** Older lines go: a tail is not an archive. */
const LINES_MAX = 500;
/** Lines are drawn together so often, however fast they come. */
const DRAW_MS = 150;
const KINDS = ['event', 'attempt', 'delivery', 'subscription'] as const;

/** What happens in the workspace, as it happens: paused on demand, and only what is asked for. */
export function LiveTail() {
  const { kinds = KINDS.join(','), eventTypes = '', subscriptionId = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const { lines, isPaused, setPaused, clear, missed } = useTail({ kinds, eventTypes, subscriptionId });
  const set = (change: { kinds?: string; eventTypes?: string; subscriptionId?: string }): void =>
    void navigate({ to: '.', search: { kinds, eventTypes, subscriptionId, ...change }, replace: true });
  return (
    <Page
      title="Live tail"
      actions={
        <>
          <Button
            variant={isPaused ? 'filled' : 'default'}
            leftSection={isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
            onClick={() => setPaused(!isPaused)}
          >
            {isPaused ? `Go on${missed > 0 ? ` (${missed} new)` : ''}` : 'Pause'}
          </Button>
          <Button variant="default" leftSection={<IconTrash size={16} />} onClick={clear}>
            Clear
          </Button>
        </>
      }
    >
      <Group align="center">
        <Chip.Group multiple value={kinds.split(',')} onChange={(chosen) => set({ kinds: chosen.join(',') })}>
          <Group gap="xs" role="group" aria-label="What is shown">
            {KINDS.map((kind) => (
              <Chip key={kind} value={kind} variant="outline">
                {kind}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <TextInput
          aria-label="Event type begins with"
          placeholder="Event type: crm."
          value={eventTypes}
          onChange={(event) => set({ eventTypes: event.currentTarget.value })}
        />
        <TextInput
          aria-label="Subscription id"
          placeholder="Subscription id"
          value={subscriptionId}
          onChange={(event) => set({ subscriptionId: event.currentTarget.value })}
        />
      </Group>
      {lines.length === 0 ? (
        <Empty icon={IconBroadcast} title="Nothing has happened yet">
          Events and attempts appear here while this page is open.
        </Empty>
      ) : (
        <Paper withBorder role="log" aria-label="What happened, newest first" aria-live="off">
          {lines.map((line) => (
            <LiveLine key={line.key} line={line} />
          ))}
        </Paper>
      )}
      {lines.length === LINES_MAX && (
        <Text size="xs" c="dimmed">
          The newest {LINES_MAX} are shown; the lists have all of them.
        </Text>
      )}
    </Page>
  );
}

interface Asked {
  kinds: string;
  eventTypes: string;
  subscriptionId: string;
}

function useTail({ kinds, eventTypes, subscriptionId }: Asked) {
  const { listen } = useLive();
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [isPaused, setPaused] = useState(false);
  const [missed, setMissed] = useState(0);
  const waiting = useRef<Line[]>([]);
  const number = useRef(0);

  useEffect(() => {
    const stop = listen((message) => {
      if (!isWanted(message, { kinds, eventTypes, subscriptionId })) return;
      waiting.current.unshift({ key: (number.current += 1), at: Date.now(), message });
      waiting.current.length = Math.min(waiting.current.length, LINES_MAX);
    });
    const timer = setInterval(() => {
      const fresh = waiting.current;
      if (isPaused) setMissed(fresh.length);
      else if (fresh.length > 0) {
        waiting.current = [];
        setLines((before) => [...fresh, ...before].slice(0, LINES_MAX));
        setMissed(0);
      }
    }, DRAW_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [listen, isPaused, kinds, eventTypes, subscriptionId]);

  const clear = (): void => {
    waiting.current = [];
    setLines([]);
    setMissed(0);
  };
  return { lines, isPaused, setPaused, clear, missed };
}

function isWanted({ kind, data }: StreamMessage, { kinds, eventTypes, subscriptionId }: Asked): boolean {
  // What is missing from the tail is told whatever is asked for.
  if (kind === 'gap' || kind === 'missed') return true;
  if (!kinds.split(',').includes(kind === 'deliveries' ? 'delivery' : kind)) return false;
  if (eventTypes !== '' && !String(data['eventType'] ?? '').startsWith(eventTypes)) return false;
  return subscriptionId === '' || (data['subscriptionId'] ?? data['_id']) === subscriptionId;
}
