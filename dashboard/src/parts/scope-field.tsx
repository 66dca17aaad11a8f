import { Checkbox, Stack } from '@mantine/core';
import type { Answer } from '@velahook/sdk';

/** What a token may do. */
export type Scope = Answer<'get', '/api/v1/tokens/{id}'>['token']['scopes'][number];

/** Each scope in words, in the order in which they are offered. */
const WORDS: Readonly<Record<Scope, string>> = {
  'integrations:read': 'See subscriptions',
  'integrations:write': 'Make, change and delete subscriptions; reveal and rotate their secrets',
  'events:read': 'See events, the catalogue and the live stream',
  'events:write': 'Publish events',
  'deliveries:read': 'See deliveries, attempts and statistics',
  'deliveries:write': 'Replay and cancel deliveries',
  'catalogue:write': "Change the workspace's own event types",
  'workspace:read': "See the workspace's settings and erasures",
  'workspace:write': "Change the workspace's settings; erase payloads",
  'audit:read': 'See the audit log',
};

/** All scopes that there are. */
export const SCOPES = Object.keys(WORDS) as Scope[];

interface ScopeFieldProps<T extends Scope> {
  offered: readonly T[];
  value: readonly T[];
  onChange: (value: T[]) => void;
  error?: string | undefined;
}

/** Chooses scopes, each with what it lets somebody do. */
export function ScopeField<T extends Scope>({ offered, value, onChange, error }: ScopeFieldProps<T>) {
  return (
    <Checkbox.Group
      label="Scopes"
      description="No more than it needs"
      error={error}
      value={[...value]}
      onChange={(chosen) => onChange(offered.filter((scope) => chosen.includes(scope)))}
    >
      <Stack gap="xs" mt="xs">
        {offered.map((scope) => (
          <Checkbox key={scope} value={scope} label={scope} description={WORDS[scope]} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
