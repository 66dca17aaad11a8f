import { Group, Text } from '@mantine/core';

/** The product's name with its sign; in a portal, the platform's. */
export function Mark({ title = 'Velahook', logoUrl = '/favicon.svg' }: { title?: string; logoUrl?: string }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <img src={logoUrl} alt="" height={28} style={{ maxWidth: 120 }} referrerPolicy="no-referrer" />
      <Text fw={700} size="lg" component="span">
        {title}
      </Text>
    </Group>
  );
}
