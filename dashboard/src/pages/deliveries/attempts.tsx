import { Accordion, Badge, Grid, Group, Stack, Text } from '@mantine/core';
import { CodeBlock } from '../../parts/code-block.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { formatMs, Time } from '../../parts/time.tsx';
import { curlOf } from './curl.ts';
import type { DeliveryWithAttempts } from './detail.tsx';
import { TimingBar } from './timing-bar.tsx';

export type Attempt = DeliveryWithAttempts['attempts'][number];

/** Each attempt, newest first: what was sent and what came back, side by side. */
export function Attempts({ delivery, body }: { delivery: DeliveryWithAttempts; body: string | null }) {
  const attempts = delivery.attempts.toReversed();
  if (attempts.length === 0)
    return (
      <Text c="dimmed" size="sm">
        There was none yet.
      </Text>
    );
  return (
    <Accordion variant="separated" multiple defaultValue={[attempts[0]?._id ?? '']} order={3}>
      {attempts.map((attempt) => (
        <Accordion.Item key={attempt._id} value={attempt._id}>
          <Accordion.Control>
            <Group gap="sm" wrap="wrap">
              <Text fw={600} size="sm">
                Attempt {attempt.number}
              </Text>
              <StateBadge
                state={attempt.outcome === 'http_status' ? `HTTP ${attempt.statusCode}` : attempt.outcome}
              />
              {attempt.outcome === 'success' && (
                <Badge variant="default" tt="none">
                  HTTP {attempt.statusCode}
                </Badge>
              )}
              <Text size="sm" c="dimmed">
                {formatMs(attempt.durationMs)} · <Time at={attempt.startedAt} />
              </Text>
            </Group>
          </Accordion.Control>
          <Accordion.Panel>
            <AttemptPanel attempt={attempt} body={body} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function AttemptPanel({ attempt, body }: { attempt: Attempt; body: string | null }) {
  const { error, advice, request, timing, remoteAddress } = attempt;
  return (
    <Stack gap="sm">
      {error !== null && (
        <Text size="sm">
          <b>{error}</b> {advice}
        </Text>
      )}
      {timing !== null && <TimingBar timing={timing} durationMs={attempt.durationMs} />}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <Text size="sm" fw={600} mb={4}>
            Request{request?.sent === false && ' (never sent)'}
          </Text>
          {request === null ? (
            <Text size="sm" c="dimmed">
              Not kept for this attempt.
            </Text>
          ) : (
            <CodeBlock
              label={`Request of attempt ${attempt.number}`}
              text={[`${request.method} ${request.url}`, ...request.headers.map(lineOf)].join('\n')}
              {...(body !== null && { copied: curlOf(request, body), copyLabel: 'Copy as curl' })}
            />
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <Text size="sm" fw={600} mb={4}>
            Response{remoteAddress !== null && ` from ${remoteAddress}`}
          </Text>
          <Response attempt={attempt} />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function Response({ attempt }: { attempt: Attempt }) {
  const { statusCode, responseHeaders, responseHeadersLeftOut, responseBody, responseTruncated } = attempt;
  if (statusCode === null)
    return (
      <Text size="sm" c="dimmed">
        None came.
      </Text>
    );
  const head = [`HTTP ${statusCode}`, ...(responseHeaders ?? []).map(lineOf)];
  if (responseHeadersLeftOut > 0) head.push(`(${responseHeadersLeftOut} more headers are not kept)`);
  return (
    <Stack gap={6}>
      <CodeBlock label={`Response of attempt ${attempt.number}`} text={head.join('\n')} />
      <CodeBlock label={`Response body of attempt ${attempt.number}`} text={responseBody ?? ''} />
      {responseTruncated && (
        <Text size="xs" c="dimmed">
          It went on; only its beginning is kept.
        </Text>
      )}
    </Stack>
  );
}

function lineOf({ name, value }: { name: string; value: string }): string {
  return `${name}: ${value}`;
}
