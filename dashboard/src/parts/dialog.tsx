import { Modal, type ModalProps } from '@mantine/core';
import type { RefObject } from 'react';

interface DialogProps extends ModalProps {
  /** What has the focus when it is closed: where it was opened from a menu, whose entry is gone by then. */
  returnTo?: RefObject<HTMLElement | null> | undefined;
}

/** Lies over the page until it is answered: it holds the focus, and gives it back. */
export function Dialog({ returnTo, ...props }: DialogProps) {
  return (
    <Modal
      closeButtonProps={{ 'aria-label': 'Close' }}
      returnFocus={returnTo === undefined}
      onExitTransitionEnd={() => returnTo?.current?.focus()}
      {...props}
    />
  );
}
