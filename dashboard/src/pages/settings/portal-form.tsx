import { Button, ColorSwatch, Fieldset, Group, Paper, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useMay } from '../../access/access.ts';
import { mistakesOf } from '../../parts/mistakes.ts';
import { Problem } from '../../parts/problem.tsx';
import { linesOf, useChangeSettings, type Settings } from './settings-data.ts';

const COLOR_FORM = /^#[0-9a-f]{6}$/i;

/** How the portal looks, and which pages may show it in a frame. */
export function PortalForm({ settings: { portal } }: { settings: Settings }) {
  const mayChange = useMay('workspace:write');
  const [title, setTitle] = useState(portal?.title ?? '');
  const [logoUrl, setLogoUrl] = useState(portal?.logoUrl ?? '');
  const [primaryColor, setPrimaryColor] = useState(portal?.primaryColor ?? '');
  const [origins, setOrigins] = useState(portal?.frameAncestors.join('\n') ?? '');
  const changing = useChangeSettings();
  const wrong = mistakesOf(changing.error);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const [look, frameAncestors] = [[title, logoUrl, primaryColor].map(givenOf), linesOf(origins)];
    const [newTitle = null, newLogoUrl = null, newColor = null] = look;
    const isNothing = frameAncestors.length === 0 && look.every((value) => value === null);
    changing.mutate({
      portal: isNothing
        ? null
        : { title: newTitle, logoUrl: newLogoUrl, primaryColor: newColor, frameAncestors },
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Fieldset variant="unstyled" mx={0} disabled={!mayChange} aria-label="Customer portal">
        <Stack>
          <TextInput
            label="Title"
            placeholder="Acme webhooks"
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
            error={wrong('portal.title')}
          />
          <TextInput
            label="Logo"
            description="An https address of an image. It shows in the portal only: these pages load nothing from elsewhere."
            placeholder="https://acme.example.com/logo.svg"
            inputMode="url"
            value={logoUrl}
            onChange={(event) => setLogoUrl(event.currentTarget.value)}
            error={wrong('portal.logoUrl')}
          />
          <TextInput
            label="Colour"
            description="Of buttons and marks, as #rrggbb"
            placeholder="#1f6feb"
            maw={340}
            value={primaryColor}
            onChange={(event) => setPrimaryColor(event.currentTarget.value)}
            error={wrong('portal.primaryColor')}
            leftSection={
              <ColorSwatch color={COLOR_FORM.test(primaryColor) ? primaryColor : 'transparent'} size={18} />
            }
          />
          {COLOR_FORM.test(primaryColor) && <Preview title={title} color={primaryColor} />}
          <Textarea
            label="Pages that may show it in a frame"
            description="An origin a line, such as https://app.example.com; none: no page may"
            placeholder="https://app.example.com"
            autosize
            minRows={2}
            maxRows={10}
            value={origins}
            onChange={(event) => setOrigins(event.currentTarget.value)}
            error={wrong('portal.frameAncestors')}
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

/** The colour at work: text on it is black or white, whichever can be read, as in the portal. */
function Preview({ title, color }: { title: string; color: string }) {
  return (
    <Paper withBorder p="md" role="img" aria-label="A button in the portal">
      <Group justify="space-between" aria-hidden>
        <Text fw={700}>{title.trim() === '' ? 'Your title' : title}</Text>
        <Button color={color} component="span">
          New subscription
        </Button>
      </Group>
    </Paper>
  );
}

function givenOf(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}
