import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

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
}: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
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
    </Modal>
  );
}
