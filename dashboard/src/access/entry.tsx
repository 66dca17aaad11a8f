import { Center, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
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
  const opened = useQuery({
    queryKey: ['portal', place.code],
    queryFn: () => openPortal(place.code),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (opened.isPending) return <Waiting />;
  if (opened.isError)
    return (
      <Center mih="100vh" p="md">
        <Problem
          title="This link does not open any more"
          error={opened.error}
          advice="Links to this page last for a short time. Open it again from where you found it."
        />
      </Center>
    );
  return (
    <PortalFrame access={opened.data}>
      <Pages access={opened.data} />
    </PortalFrame>
  );
}

function DashboardEntry({ place }: { place: Extract<Place, { kind: 'dashboard' }> }) {
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ['session'],
    queryFn: findSession,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const enter = (session: Session): void => {
    queries.clear();
    queries.setQueryData(['session'], session);
  };
  if (found.isPending) return <Waiting />;
  if (found.isError)
    return (
      <Center mih="100vh" p="md">
        <Problem
          title="The server cannot be reached"
          error={found.error}
          retry={() => void found.refetch()}
        />
      </Center>
    );
  if (found.data === null) return <SignIn onEnter={enter} />;
  const workspaceId = found.data.workspaceId ?? place.workspaceId;
  if (workspaceId === null) return <WorkspaceChoice session={found.data} />;
  return <Pages access={accessOf(found.data, workspaceId)} />;
}

function Waiting() {
  return (
    <Center mih="100vh">
      <Loader aria-label="Loading" />
    </Center>
  );
}
