import { Alert, Button, Select, Stack, Text } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { useAccess } from '../../access/access.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
import { mistakesOf } from '../../parts/mistakes.ts';
import { Problem } from '../../parts/problem.tsx';
import { ScopeField } from '../../parts/scope-field.tsx';
import { formatInstant } from '../../parts/time.tsx';

/** What a link may let somebody do: nothing about the workspace itself. */
const PORTAL_SCOPES = [
  'integrations:read',
  'integrations:write',
  'events:read',
  'deliveries:read',
  'deliveries:write',
] as const;
type PortalScope = (typeof PORTAL_SCOPES)[number];

/** A link is made anew whenever a page is shown; a day is the most. */
const MINUTES = [
  { value: '15', label: '15 minutes' },
  { value: '60', label: 'an hour' },
  { value: '480', label: '8 hours' },
  { value: '1440', label: 'a day' },
];

/** Makes a link to the portal, and shows it the only time: to be opened, or to be put into a page. */
export function PortalLink({ isFramed }: { isFramed: boolean }) {
  const { client, scopes: held } = useAccess();
  const offered = PORTAL_SCOPES.filter((scope) => held.includes(scope));
  // Replaying is for whoever is trusted with it.
  const [scopes, setScopes] = useState<PortalScope[]>(
    offered.filter((scope) => scope !== 'deliveries:write'),
  );
  const [minutes, setMinutes] = useState('60');
  const making = useMutation({
    mutationFn: async () => {
      const body = { expiresInMinutes: Number(minutes), scopes };
      return (await client.post('/api/v1/portal/links', { body })).link;
    },
    gcTime: 0,
  });
  const wrong = mistakesOf(making.error);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Select
          label="It opens for"
          data={MINUTES}
          value={minutes}
          onChange={(chosen) => chosen !== null && setMinutes(chosen)}
          allowDeselect={false}
          error={wrong('expiresInMinutes')}
          maw={340}
        />
        <ScopeField offered={offered} value={scopes} onChange={setScopes} error={wrong('scopes')} />
        {making.isError && <Problem title="It was not made" error={making.error} />}
        <Button
          type="submit"
          w="fit-content"
          variant="default"
          leftSection={<IconLink size={16} />}
          disabled={scopes.length === 0}
          loading={making.isPending}
        >
          Make a link
        </Button>
        {making.data !== undefined && <Made {...making.data} isFramed={isFramed} />}
      </Stack>
    </form>
  );
}

function Made({ url, expiresAt, isFramed }: { url: string; expiresAt: string; isFramed: boolean }) {
  return (
    <Alert icon={<IconLink aria-hidden />} title={`Good until ${formatInstant(expiresAt)}, shown this once`}>
      <Stack gap="xs">
        <Text size="sm">Whoever has it gets in: give it only to whom it is for.</Text>
        <CodeBlock label="Link" text={url} />
        <Text size="sm">
          To show it within a page of yours, have your server make a link for each visit (
          <code>POST /api/v1/portal/links</code>), and put it there:
        </Text>
        <CodeBlock label="Frame" text={frameOf(url)} copyLabel="Copy the HTML" />
        {!isFramed && (
          <Text size="sm" fw={600}>
            No page may frame it yet: name its origin above, and save.
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

/** Neither id nor code has a character that HTML would take for its own. */
function frameOf(url: string): string {
  return `<iframe src="${url}" title="Webhooks" allow="clipboard-write" style="border: 0; height: 800px; width: 100%"></iframe>`;
}
