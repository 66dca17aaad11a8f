import { Button, List, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useAccess } from '../../access/access.ts';
import { Problem } from '../../parts/problem.tsx';

/** Tries a filter on recent events, before anything depends on it. */
export function FilterTest({ text, events }: { text: string; events: readonly string[] }) {
  const { client } = useAccess();
  const trying = useMutation({
    mutationFn: () =>
      client.post('/api/v1/integrations/webhooks/filter-test', {
        body: {
          filter: JSON.parse(text) as Record<string, never>,
          ...(events.length > 0 && { events: [...events] }),
        },
      }),
  });
  return (
    <Stack gap="xs">
      <Button
        variant="default"
        size="xs"
        w="fit-content"
        disabled={text.trim() === ''}
        loading={trying.isPending}
        onClick={() => trying.mutate()}
      >
        Try it on recent events
      </Button>
      {trying.isError && <Problem title="The filter could not be tried" error={trying.error} />}
      {trying.data !== undefined && (
        <>
          <Text size="sm" role="status">
            {trying.data.matched} of {trying.data.items.length} recent events match.
          </Text>
          <List size="xs">
            {trying.data.items.slice(0, 10).map(({ eventId, eventType, matches, unmet }) => (
              <List.Item key={eventId}>
                {matches ? '✓' : '✗'} {eventType} {eventId}
                {unmet.length > 0 &&
                  ` — ${unmet.map(({ path, message }) => `${path} ${message}`).join('; ')}`}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Stack>
  );
}
