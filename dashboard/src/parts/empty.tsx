import { Center, Stack, Text, ThemeIcon } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './empty.module.css';

/** Where there is nothing yet: why, and what makes something be there. */
export function Empty({ icon: Sign, title, children }: { icon: Icon; title: string; children?: ReactNode }) {
  return (
    <Center py={48} px="md">
      <Stack align="center" gap="sm" maw={480}>
        <ThemeIcon size={48} radius="xl" variant="default">
          <Sign size={26} aria-hidden />
        </ThemeIcon>
        <Text fw={600}>{title}</Text>
        <Text c="dimmed" ta="center" size="sm" component="div" className={classes.told ?? ''}>
          {children}
        </Text>
      </Stack>
    </Center>
  );
}
