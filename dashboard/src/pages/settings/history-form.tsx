import { Button, Fieldset, Stack, Textarea } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useMay } from '../../access/access.ts';
import { mistakesOf } from '../../parts/mistakes.ts';
import { NumberField } from '../../parts/number-field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { linesOf, useChangeSettings, type Settings } from './settings-data.ts';

/** For how long history is kept, and what of responses is not kept at all. */
export function HistoryForm({ settings }: { settings: Settings }) {
  const mayChange = useMay('workspace:write');
  const [days, setDays] = useState<number | null>(settings.retentionDays);
  const [paths, setPaths] = useState(settings.redactionPaths.join('\n'));
  const changing = useChangeSettings();
  const wrong = mistakesOf(changing.error);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    changing.mutate({ retentionDays: days, redactionPaths: linesOf(paths) });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Fieldset variant="unstyled" mx={0} disabled={!mayChange} aria-label="History">
        <Stack>
          <NumberField
            label="Days that history is kept"
            description={`Left empty, for as long as the installation keeps it; now ${settings.effectiveRetentionDays}`}
            min={1}
            value={days}
            onChange={setDays}
            error={wrong('retentionDays')}
            maw={340}
          />
          <Textarea
            label="Redacted from response bodies"
            description="A path a line, such as $.customer.email or $.lines[*].name. While there is one, what is no JSON is not kept at all."
            placeholder="$.customer.email"
            autosize
            minRows={2}
            maxRows={12}
            value={paths}
            onChange={(event) => setPaths(event.currentTarget.value)}
            error={wrong('redactionPaths')}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
          />
          {changing.isError && <Problem title="They were not changed" error={changing.error} />}
          {mayChange && (
            <Button type="submit" w="fit-content" loading={changing.isPending}>
              Save
            </Button>
          )}
        </Stack>
      </Fieldset>
    </form>
  );
}
