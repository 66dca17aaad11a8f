import { Alert, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccess } from '../../access/access.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
import { PageButton, PageLink } from '../../parts/link.tsx';
import { Page } from '../../parts/page.tsx';
import { draftOf, fieldsOf, SubscriptionForm, type Draft } from './subscription-form.tsx';
import { useSubscriptionsChanged } from './subscription-data.ts';

const route = getRouteApi('/subscriptions/new');
const trail = [
  <PageLink key="subscriptions" to="/subscriptions" size="sm">
    Subscriptions
  </PageLink>,
];

/** A new subscription; the key that was generated for it is shown once, before anything else. */
export function CreateSubscription() {
  const { client } = useAccess();
  const { eventType } = route.useSearch();
  const navigate = route.useNavigate();
  const changed = useSubscriptionsChanged();
  const [made, setMade] = useState<{ id: string; secret: string; warnings: string[] } | null>(null);
  const save = async (draft: Draft): Promise<void> => {
    const { filter, headers, description, rateLimit, ...fields } = fieldsOf(draft);
    const { subscription } = await client.post('/api/v1/integrations/webhooks', {
      body: {
        ...fields,
        ...(description !== null && { description }),
        ...(headers !== null && { headers }),
        ...(filter !== null && { filter }),
        ...(rateLimit !== null && { rateLimit }),
      },
    });
    await changed();
    const { _id: id, secret, warnings } = subscription;
    if (secret === undefined) await navigate({ to: '/subscriptions/$id', params: { id } });
    else setMade({ id, secret, warnings });
  };
  if (made !== null)
    return (
      <Page title="The subscription is made" trail={trail}>
        <Stack maw={760}>
          <Alert icon={<IconKey aria-hidden />} title="Its signing secret, shown this once">
            <Stack gap="xs">
              <Text size="sm">
                The receiver verifies with it that a request comes from here. Put it where the receiver finds
                it.
              </Text>
              <CodeBlock label="Signing secret" text={made.secret} />
            </Stack>
          </Alert>
          {made.warnings.map((warning) => (
            <Alert key={warning} color="yellow">
              {warning}
            </Alert>
          ))}
          <PageButton to="/subscriptions/$id" params={{ id: made.id }} w="fit-content">
            To the subscription
          </PageButton>
        </Stack>
      </Page>
    );
  const initial = { ...draftOf(), events: eventType === undefined ? [] : [eventType] };
  return (
    <Page title="New subscription" trail={trail}>
      <SubscriptionForm
        isNew
        initial={initial}
        submitLabel="Create"
        save={save}
        cancel={() => void navigate({ to: '/subscriptions' })}
      />
    </Page>
  );
}
