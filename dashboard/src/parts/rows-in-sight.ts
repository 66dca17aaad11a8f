import { useSyncExternalStore, type RefObject } from 'react';

/** Rows kept beyond the edges, so that scrolling does not show gaps. */
const OVERSCAN = 12;

/**
 * Which of `count` rows, each `rowPx` high and below each other in `body`, are in sight while the page is scrolled: from
 * `from`, up to and without `to`. Only a change of either draws anything anew.
 */
export function useRowsInSight(
  body: RefObject<HTMLElement | null>,
  count: number,
  rowPx: number,
): { from: number; to: number } {
  const first = useSyncExternalStore(listen, () =>
    Math.floor(-(body.current?.getBoundingClientRect().top ?? 0) / rowPx),
  );
  const shown = useSyncExternalStore(listen, () => Math.ceil(window.innerHeight / rowPx) + 1);
  return {
    from: Math.min(count, Math.max(0, first - OVERSCAN)),
    to: Math.min(count, Math.max(0, first + shown + OVERSCAN)),
  };
}

function listen(changed: () => void): () => void {
  window.addEventListener('scroll', changed, { passive: true });
  window.addEventListener('resize', changed);
  return () => {
    window.removeEventListener('scroll', changed);
    window.removeEventListener('resize', changed);
  };
}
