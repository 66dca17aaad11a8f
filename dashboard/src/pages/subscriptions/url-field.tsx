import { Loader, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useAccess } from '../../access/access.ts';

/** Typing is waited for: each check may look a name up. */
const TYPED_MS = 400;

interface UrlFieldProps {
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
}

/** The address to deliver to; what is wrong with it is told while one types, by the rules of the server. */
export function UrlField({ value, onChange, error }: UrlFieldProps) {
  const { client } = useAccess();
  const [url] = useDebouncedValue(value.trim(), TYPED_MS);
  const checked = useQuery({
    queryKey: ['url', url],
    queryFn: async ({ signal }) =>
      (await client.post('/api/v1/integrations/webhooks/check-url', { body: { url }, signal })).problems,
    enabled: url.length > 'https://'.length,
    staleTime: 60_000,
    retry: false,
  });
  const problems = checked.data ?? [];
  const isGood = checked.data !== undefined && problems.length === 0 && url === value.trim();
  return (
    <TextInput
      label="URL"
      description="Where to deliver: https, a public host"
      placeholder="https://hooks.example.com/velahook"
      required
      inputMode="url"
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error ?? (problems.length > 0 ? problems.map(({ message }) => message).join('; ') : undefined)}
      rightSection={
        checked.isFetching ? (
          <Loader size="xs" aria-label="Checking" />
        ) : (
          isGood && <IconCheck size={18} color="var(--mantine-color-teal-7)" aria-label="May be used" />
        )
      }
    />
  );
}
