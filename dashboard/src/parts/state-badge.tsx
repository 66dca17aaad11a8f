import { Badge } from '@mantine/core';
import {
  IconBan,
  IconCheck,
  IconClock,
  IconPlayerPause,
  IconPlayerSkipForward,
  IconSend,
  IconX,
  type Icon,
} from '@tabler/icons-react';
import classes from './state-badge.module.css';

type Tone = 'good' | 'bad' | 'waiting' | 'quiet';

/** Each state by a word, a sign and a tone: none of them by its colour alone. */
const LOOKS: Readonly<Record<string, { tone: Tone; icon: Icon; words?: string }>> = {
  succeeded: { tone: 'good', icon: IconCheck },
  success: { tone: 'good', icon: IconCheck },
  active: { tone: 'good', icon: IconCheck },
  done: { tone: 'good', icon: IconCheck },
  failed: { tone: 'bad', icon: IconX },
  deactivated: { tone: 'bad', icon: IconBan },
  pending: { tone: 'waiting', icon: IconClock },
  running: { tone: 'waiting', icon: IconClock },
  delivering: { tone: 'waiting', icon: IconSend },
  cancelled: { tone: 'quiet', icon: IconBan },
  skipped: { tone: 'quiet', icon: IconPlayerSkipForward },
  inactive: { tone: 'quiet', icon: IconPlayerPause },
  deleted: { tone: 'quiet', icon: IconBan },
  revoked: { tone: 'quiet', icon: IconBan },
  expired: { tone: 'quiet', icon: IconClock },
};

/** The state of a delivery, a subscription or a job. */
export function StateBadge({ state }: { state: string }) {
  const { tone, icon: Sign } = LOOKS[state] ?? { tone: 'bad' as const, icon: IconX };
  return (
    <Badge
      className={classes[tone] ?? ''}
      variant="default"
      tt="none"
      fw={600}
      miw="max-content"
      leftSection={<Sign size={13} aria-hidden />}
    >
      {state.replaceAll('_', ' ')}
    </Badge>
  );
}
