import { Notification, Portal, Stack } from '@mantine/core';
import { useEffect, useState, useSyncExternalStore } from 'react';
import classes from './notice.module.css';
import { messageOf } from './problem.tsx';

/** More at once would hide the page; older ones go. */
const SHOWN_MAX = 4;
const DONE_SHOWN_MS = 4_000;
/** Why something could not be done takes longer to read. */
const PROBLEM_SHOWN_MS = 10_000;

interface Notice {
  id: number;
  message: string;
  color: 'teal' | 'red';
  shownMs: number;
}

let last = 0;
let notices: readonly Notice[] = [];
const listeners = new Set<() => void>();

/** Says that something was done. */
export function noticeDone(message: string): void {
  show({ message, color: 'teal', shownMs: DONE_SHOWN_MS });
}

/** Says why something could not be done. */
export function noticeProblem(error: unknown): void {
  show({ message: messageOf(error), color: 'red', shownMs: PROBLEM_SHOWN_MS });
}

/** Where notices appear, in front of everything; once for the page. */
export function Notices() {
  const shown = useSyncExternalStore(listen, () => notices);
  return (
    <Portal>
      <Stack className={classes['notices']} gap="md">
        {shown.map((notice) => (
          <Shown key={notice.id} notice={notice} />
        ))}
      </Stack>
    </Portal>
  );
}

/** Goes by itself, but not while somebody points at it or has the focus in it. */
function Shown({ notice: { id, message, color, shownMs } }: { notice: Notice }) {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(() => close(id), shownMs);
    return () => clearTimeout(timer);
  }, [id, shownMs, isHeld]);
  return (
    <Notification
      color={color}
      className={classes['notice'] ?? ''}
      closeButtonProps={{ 'aria-label': 'Close' }}
      onClose={() => close(id)}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {message}
    </Notification>
  );
}

function show(notice: Omit<Notice, 'id'>): void {
  last += 1;
  change([...notices, { ...notice, id: last }].slice(-SHOWN_MAX));
}

function close(id: number): void {
  change(notices.filter((notice) => notice.id !== id));
}

function change(to: readonly Notice[]): void {
  notices = to;
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
