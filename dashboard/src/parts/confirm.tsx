import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode, RefObject } from 'react';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  /** The question. */
  title: string;
  /** What comes of it. */
  children: ReactNode;
  opened: boolean;
  close: () => void;
  /** Of the way back: "Keep it". */
  keepLabel: string;
  /** Of the way on: "Revoke". */
  doLabel: string;
  isPending: boolean;
  onConfirm: () => void;
  /** As of every dialog. */
  returnTo?: RefObject<HTMLElement | null>;
}

/** Asks before something is done that cannot be undone. */
export function Confirm({
  title,
  children,
  opened,
  close,
  keepLabel,
  doLabel,
  isPending,
  onConfirm,
  returnTo,
}: ConfirmProps) {
  return (
    <Dialog opened={opened} onClose={close} title={title} returnTo={returnTo}>
      <Stack>
        <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
          {children}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {keepLabel}
          </Button>
          <Button color="red.9" loading={isPending} onClick={onConfirm}>
            {doLabel}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
