import { Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useAccess } from '../access/access.ts';

interface PageProps {
  title: string;
  /** Beside the title, such as a state. */
  beside?: ReactNode;
  /** Where it is below another page. */
  trail?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** One page: what it is, what can be done here, and what there is. */
export function Page({ title, beside, trail, actions, children }: PageProps) {
  const { portal } = useAccess();
  useDocumentTitle(`${title} · ${portal?.title ?? 'Velahook'}`);
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        {trail !== undefined && (
          <Breadcrumbs aria-label="Breadcrumbs" fz="sm">
            {trail}
            <Text size="sm" c="dimmed" span>
              {title}
            </Text>
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="center">
          <Group gap="sm" miw={0}>
            <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Title>
            {beside}
          </Group>
          <Group gap="xs">{actions}</Group>
        </Group>
      </Stack>
      {children}
    </Stack>
  );
}
