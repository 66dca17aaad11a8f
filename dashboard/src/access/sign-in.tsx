import { Alert, Anchor, Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { IconAlertCircle, IconClockOff } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { Mark } from '../parts/mark.tsx';
import { messageOf } from '../parts/problem.tsx';
import { signIn, type Session } from './session.ts';

interface SignInProps {
  /** Whether somebody was signed in until now, and is not any more. */
  hasEnded: boolean;
  onEnter: (session: Session) => void;
}

/** Sign-in with a token: it is exchanged for a cookie that scripts cannot read, and not kept here. */
export function SignIn({ hasEnded, onEnter }: SignInProps) {
  const [token, setToken] = useState('');
  const entering = useMutation({
    mutationFn: signIn,
    onSuccess: onEnter,
    // The token is not kept, here either.
    gcTime: 0,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    entering.mutate(token.trim());
  };
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={440} shadow="sm">
        <form onSubmit={submit}>
          <Stack>
            <Mark />
            <div>
              <Title order={1} size="h3">
                Sign in
              </Title>
              <Text c="dimmed" size="sm">
                With a token of your workspace, or with the admin token to see all of them.
              </Text>
            </div>
            {hasEnded && !entering.isError && (
              <Alert color="yellow" icon={<IconClockOff aria-hidden />} role="status">
                Your session has ended: its time was over, or its token was revoked. Sign in again to go on
                where you were.
              </Alert>
            )}
            <PasswordInput
              label="Token"
              placeholder="sk_live_…"
              autoComplete="current-password"
              required
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
            />
            {entering.isError && (
              <Alert color="red" icon={<IconAlertCircle aria-hidden />} role="alert">
                {messageOf(entering.error)}
              </Alert>
            )}
            <Button type="submit" loading={entering.isPending} disabled={token.trim() === ''}>
              Sign in
            </Button>
            <Text c="dimmed" size="xs">
              The first start of a new store prints a workspace and a token. The session lasts twelve hours at
              most, and ends when its token is revoked. The API is described in{' '}
              {/* Within text a link is not to be told by its colour alone. */}
              <Anchor href="/docs" underline="always">
                /docs
              </Anchor>
              .
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
