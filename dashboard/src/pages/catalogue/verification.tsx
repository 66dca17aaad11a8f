import { Group, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useState } from 'react';
import { CodeBlock } from '../../parts/code-block.tsx';
import { SNIPPETS } from './snippets.ts';

/** How a receiver makes sure that an event comes from here, in the language that the reader chose last. */
export function Verification() {
  const [chosen, setChosen] = useLocalStorage({
    key: 'velahook-language',
    defaultValue: SNIPPETS[0].language,
    getInitialValueInEffect: false,
  });
  const [signature, setSignature] = useState<'standardWebhooks' | 'signatureHeader'>('standardWebhooks');
  const snippets = SNIPPETS.find(({ language }) => language === chosen) ?? SNIPPETS[0];
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <Select
          label="Language"
          data={SNIPPETS.map(({ language }) => language)}
          value={snippets.language}
          onChange={(language) => language !== null && setChosen(language)}
          allowDeselect={false}
          w={160}
        />
        <SegmentedControl
          aria-label="Which signature"
          value={signature}
          onChange={(value) => setSignature(value as typeof signature)}
          data={[
            { value: 'standardWebhooks', label: 'Standard Webhooks' },
            { value: 'signatureHeader', label: 'X-Webhook-Signature' },
          ]}
        />
      </Group>
      <Text size="sm">
        {signature === 'standardWebhooks' ? (
          <>
            <code>webhook-signature</code> is on every request, and the time is signed with it. The library
            decodes the secret that it is given: one that you chose yourself, other than <code>whsec_</code>{' '}
            and base64, give it in base64.
          </>
        ) : (
          <>
            <code>X-Webhook-Signature</code> is on every request of a subscription whose secret was
            configured. The key is the secret exactly as it was given, <code>whsec_</code> included. A
            generated one signs <code>webhook-signature</code> only.
          </>
        )}
      </Text>
      <CodeBlock
        label={`Verification in ${snippets.language}`}
        copyLabel="Copy the code"
        text={snippets[signature]}
      />
      <Text size="sm" c="dimmed">
        Verify the raw body before it is parsed; answer 2xx within the timeout, and work on the event
        afterwards. The same event may come twice: its <code>eventId</code> tells.
      </Text>
    </Stack>
  );
}
