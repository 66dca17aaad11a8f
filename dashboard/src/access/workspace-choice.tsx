import { Anchor, Center, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Mark } from '../parts/mark.tsx';
import { Loaded } from '../parts/problem.tsx';
import { basePathOf } from './place.ts';
import { adminClientOf, type Session } from './session.ts';

/** An administrator's first page: which workspace to look at. */
export function WorkspaceChoice({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const [search, setSearch] = useState('');
  const [searched] = useDebouncedValue(search.trim(), 200);
  const workspaces = useQuery({
    queryKey: ['workspaces', searched],
    queryFn: ({ signal }) =>
      adminClientOf(session, onEnd).get('/api/v1/workspaces', {
        query: { limit: 100, ...(searched !== '' && { search: searched }) },
        signal,
      }),
  });
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={560}>
        <Stack>
          <Mark />
          <Title order={1} size="h3">
            Choose a workspace
          </Title>
          <TextInput
            label="Search by name"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Loaded query={workspaces}>
            {({ items }) =>
              items.length === 0 ? (
                <Text c="dimmed">No workspace has such a name.</Text>
              ) : (
                <Stack gap="xs" component="ul" p={0} m={0}>
                  {items.map(({ _id, name }) => (
                    <li key={_id} style={{ listStyle: 'none' }}>
                      <Anchor href={basePathOf(_id)} fw={600}>
                        {name}
                      </Anchor>
                      <Text size="xs" c="dimmed" ff="monospace">
                        {_id}
                      </Text>
                    </li>
                  ))}
                </Stack>
              )
            }
          </Loaded>
        </Stack>
      </Paper>
    </Center>
  );
}
