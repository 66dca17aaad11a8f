import { Button, Chip, Group, Paper, Text } from '@mantine/core';
import { IconBroadcast, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import type { StreamMessage } from '@velahook/sdk';
import { useCallback } from 'react';
import { Empty } from '../../parts/empty.tsx';
import { FilterBar, type FilterField } from '../../parts/filters.tsx';
import { Page } from '../../parts/page.tsx';
import { LIVE_SIGNS, useLive } from '../../shell/live.tsx';
import { LiveLine } from './live-line.tsx';
import { LINES_MAX, useTail } from './use-tail.ts';

const route = getRouteApi('/live');

const KINDS = ['event', 'attempt', 'delivery', 'subscription'];
/** In the address, where no kind at all is chosen; all of them need no word. */
const NO_KIND = 'none';

const FIELDS: readonly FilterField<'eventTypes' | 'subscriptionId'>[] = [
  { name: 'eventTypes', label: 'Type begins with', placeholder: 'crm.' },
  { name: 'subscriptionId', label: 'Subscription', placeholder: 'Its id' },
];

/** What happens in the workspace, as it happens: paused on demand, and only what is asked for. */
export function LiveTail() {
  const { kinds, ...values } = route.useSearch();
  const { eventTypes = '', subscriptionId = '' } = values;
  const navigate = route.useNavigate();
  const isWanted = useCallback(
    (message: StreamMessage) => matches(message, { kinds, eventTypes, subscriptionId }),
    [kinds, eventTypes, subscriptionId],
  );
  const { lines, isFull, isPaused, setPaused, clear, waitingCount } = useTail(isWanted);
  const chosen = KINDS.filter((kind) => isChosen(kind, kinds));
  const choose = (names: readonly string[]): void => {
    const isAll = names.length === KINDS.length;
    const search = isAll ? values : { ...values, kinds: names.join(',') || NO_KIND };
    void navigate({ to: '.', search, replace: true });
  };
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
            {isPaused ? `Go on${waitingCount > 0 ? ` (${waitingCount} new)` : ''}` : 'Pause'}
          </Button>
          <Button variant="default" leftSection={<IconTrash size={16} />} onClick={clear}>
            Clear the tail
          </Button>
        </>
      }
    >
      <FilterBar
        fields={FIELDS}
        values={values}
        onChange={(found) =>
          void navigate({
            to: '.',
            search: { ...found, ...(kinds !== undefined && { kinds }) },
            replace: true,
          })
        }
      />
      <Chip.Group multiple value={chosen} onChange={choose}>
        <Group gap="xs" role="group" aria-label="What is shown">
          {KINDS.map((kind) => (
            <Chip key={kind} value={kind} variant="outline">
              {kind}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {lines.length === 0 ? (
        <Nothing
          isAnyChosen={chosen.length > 0}
          isFiltered={kinds !== undefined || eventTypes + subscriptionId !== ''}
        />
      ) : (
        <Paper withBorder role="log" aria-label="What happened, newest first" aria-live="off">
          {lines.map((line) => (
            <LiveLine key={line.key} line={line} />
          ))}
        </Paper>
      )}
      {isFull && (
        <Text size="xs" c="dimmed">
          The newest {LINES_MAX} lines are kept; the lists have all of them.
        </Text>
      )}
    </Page>
  );
}

/** Why no line is shown: it is not heard what happens, it is not asked for, or nothing has happened. */
function Nothing({ isAnyChosen, isFiltered }: { isAnyChosen: boolean; isFiltered: boolean }) {
  const { state } = useLive();
  const { label, hint } = LIVE_SIGNS[state];
  const empty = (title: string, text: string) => (
    <Empty icon={IconBroadcast} title={title}>
      {text}
    </Empty>
  );
  if (state !== 'open') return empty(label, `${hint}.`);
  if (!isAnyChosen) return empty('No kind is chosen', 'Choose above what is to be shown.');
  if (isFiltered)
    return empty('Nothing that matches has happened yet', 'What does appears here while this page is open.');
  return empty('Nothing has happened yet', 'Events and attempts appear here while this page is open.');
}

interface Asked {
  kinds: string | undefined;
  eventTypes: string;
  subscriptionId: string;
}

function isChosen(kind: string, kinds: string | undefined): boolean {
  return kinds?.split(',').includes(kind) ?? KINDS.includes(kind);
}

function matches({ kind, data }: StreamMessage, { kinds, eventTypes, subscriptionId }: Asked): boolean {
  // What is missing from the tail is told whatever is asked for.
  if (kind === 'gap' || kind === 'missed') return true;
  if (!isChosen(kind === 'deliveries' ? 'delivery' : kind, kinds)) return false;
  if (eventTypes !== '' && !String(data['eventType'] ?? '').startsWith(eventTypes)) return false;
  return subscriptionId === '' || (data['subscriptionId'] ?? data['_id']) === subscriptionId;
}
