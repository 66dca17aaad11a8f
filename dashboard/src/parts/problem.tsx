import { Alert, Button, Group, List, Skeleton, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { VelahookError } from '@velahook/sdk';
import type { ReactNode } from 'react';

/** What went wrong, in the words of whoever knows. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface ProblemProps {
  title: string;
  error: unknown;
  /** What to do about it, where the server does not know. */
  advice?: string;
  retry?: () => void;
}

/** A failure: what, what to do, and what to name when asking for help. */
export function Problem({ title, error, advice, retry }: ProblemProps) {
  const { requestId = null, mistakes = [] } = error instanceof VelahookError ? error : {};
  return (
    <Alert color="red" title={title} icon={<IconAlertTriangle aria-hidden />} role="alert" maw={640}>
      <Stack gap="xs">
        <Text size="sm">{messageOf(error)}</Text>
        {mistakes.length > 0 && (
          <List size="sm">
            {mistakes.map(({ path, message }) => (
              <List.Item key={`${path} ${message}`}>
                <b>{path}</b> {message}
              </List.Item>
            ))}
          </List>
        )}
        {advice !== undefined && <Text size="sm">{advice}</Text>}
        {requestId !== null && (
          <Text size="xs" c="dimmed">
            Request {requestId}
          </Text>
        )}
        {retry !== undefined && (
          <Group>
            <Button size="xs" variant="default" onClick={retry}>
              Try again
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

type LoadedProps<T> = {
  query: UseQueryResult<T>;
  /** What is shown where something is to come; default: some grey lines. */
  waiting?: ReactNode;
  children: (data: T) => ReactNode;
};

/** What a query found; until then that it is under way, or why it failed. Older data stays while newer comes. */
export function Loaded<T>({ query, waiting = <Lines />, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError)
    return (
      <Problem title="This could not be loaded" error={query.error} retry={() => void query.refetch()} />
    );
  return (
    <div role="status" aria-label="Loading">
      {waiting}
    </div>
  );
}

/** Grey lines in place of what is to come. */
export function Lines({ count = 5 }: { count?: number }) {
  return (
    <Stack gap="sm">
      {Array.from({ length: count }, (_, i) => (
        <Skeleton key={i} height={22} width={`${96 - ((i * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}
