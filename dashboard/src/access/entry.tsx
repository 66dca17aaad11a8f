import { Center, Loader, VisuallyHidden } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { VelahookError } from '@velahook/sdk';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { Problem } from '../parts/problem.tsx';
import { Pages } from '../pages.tsx';
import type { Place } from './place.ts';
import { placeOf } from './place.ts';
import { PortalFrame } from './portal-frame.tsx';
import { accessOf, findSession, openPortal, type Session } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { WorkspaceChoice } from './workspace-choice.tsx';

/** Decides who is there: a customer with a link, somebody with a session, or somebody who has to sign in. */
export function Entry() {
  const [place] = useState(() => placeOf(window.location));
  return place.kind === 'portal' ? <PortalEntry place={place} /> : <DashboardEntry place={place} />;
}

function PortalEntry({ place }: { place: Extract<Place, { kind: 'portal' }> }) {
  const [hasEnded, setEnded] = useState(false);
  const opened = useQuery({
    queryKey: ['portal', place.code],
    queryFn: () => openPortal(place.code, () => setEnded(true)),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (hasEnded) return <LinkEnded />;
  if (opened.isPending) return <Waiting />;
  if (opened.isError)
    return isRefused(opened.error) ? (
      <LinkEnded />
    ) : (
      <Unreachable error={opened.error} retry={() => void opened.refetch()} />
    );
  return (
    <PortalFrame access={opened.data}>
      <Pages access={opened.data} />
    </PortalFrame>
  );
}

/** A code that is none, has expired or was ended; the server does not tell which. */
function isRefused(error: Error): boolean {
  return error instanceof VelahookError && [400, 401, 422].includes(error.status);
}

function LinkEnded() {
  return (
    <Alone title="Customer portal">
      <Problem
        title="This link does not open any more"
        error="Links to this page last for a short time, and this one has expired or was ended."
        advice="Open it again from where you found it."
      />
    </Alone>
  );
}

function DashboardEntry({ place }: { place: Extract<Place, { kind: 'dashboard' }> }) {
  const queries = useQueryClient();
  const [hasEnded, setEnded] = useState(false);
  const found = useQuery({
    queryKey: ['session'],
    queryFn: findSession,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const become = useCallback(
    (session: Session | null): void => {
      // Nothing that one person has read is there for the next.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
      queries.getMutationCache().clear();
      queries.setQueryData(['session'], session);
      setEnded(session === null);
    },
    [queries],
  );
  const session = found.data ?? null;
  const end = useCallback((): void => {
    // An answer to somebody who was here before says nothing about who is here now.
    if (queries.getQueryData(['session']) === session) become(null);
  }, [queries, session, become]);
  const workspaceId = session?.workspaceId ?? place.workspaceId;
  const access = useMemo(
    () => (session === null || workspaceId === null ? null : accessOf(session, workspaceId, end)),
    [session, workspaceId, end],
  );
  if (found.isPending) return <Waiting />;
  if (found.isError) return <Unreachable error={found.error} retry={() => void found.refetch()} />;
  if (session === null) return <SignIn hasEnded={hasEnded} onEnter={become} />;
  if (access === null) return <WorkspaceChoice session={session} onEnd={end} />;
  return <Pages access={access} />;
}

function Unreachable({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <Alone title="Velahook">
      <Problem title="The server cannot be reached" error={error} retry={retry} />
    </Alone>
  );
}

function Waiting() {
  return (
    <Center mih="100vh">
      <Loader aria-label="Loading" />
    </Center>
  );
}

/** Where there are no pages yet, or none any more. */
function Alone({ title, children }: { title: string; children: ReactNode }) {
  useDocumentTitle(title);
  return (
    <Center mih="100vh" p="md" component="main">
      <VisuallyHidden component="h1">{title}</VisuallyHidden>
      {children}
    </Center>
  );
}
