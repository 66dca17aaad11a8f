import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId, type ReactNode } from 'react';
import { useAccess, useMay } from '../../access/access.ts';
import { Page } from '../../parts/page.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { HistoryForm } from './history-form.tsx';
import { PortalForm } from './portal-form.tsx';
import { PortalLink } from './portal-link.tsx';

/** What the workspace decides for itself: what is kept of its history, and how its customers see it. */
export function SettingsPage() {
  const { client } = useAccess();
  const mayLink = useMay('integrations:write');
  const query = useQuery({
    queryKey: ['settings'],
    queryFn: async ({ signal }) => (await client.get('/api/v1/workspace/settings', { signal })).settings,
    // Forms begin with it: as it is now.
    gcTime: 0,
  });
  return (
    <Page title="Settings">
      <Loaded query={query}>
        {(settings) => (
          <Stack gap={40} maw={760}>
            <Section title="History" about="What is kept of events, deliveries and attempts.">
              <HistoryForm settings={settings} />
            </Section>
            <Section
              title="Customer portal"
              about="Your customers manage their own subscriptions there: as your product looks, within its pages if you like."
            >
              <PortalForm settings={settings} />
            </Section>
            {mayLink && (
              <Section
                title="A link to the portal"
                about="It shows this workspace to whoever opens it, without a token, until it expires."
              >
                <PortalLink isFramed={(settings.portal?.frameAncestors.length ?? 0) > 0} />
              </Section>
            )}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Section({ title, about, children }: { title: string; about: string; children: ReactNode }) {
  const id = useId();
  return (
    <Stack gap="sm" component="section" aria-labelledby={id}>
      <div>
        <Title order={2} size="h4" id={id}>
          {title}
        </Title>
        <Text size="sm" c="dimmed">
          {about}
        </Text>
      </div>
      {children}
    </Stack>
  );
}
