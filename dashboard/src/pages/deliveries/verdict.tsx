import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle, IconBan, IconCheck, IconClock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { PageLink } from '../../parts/link.tsx';
import { Countdown, formatInstant } from '../../parts/time.tsx';
import type { DeliveryWithAttempts } from './detail.tsx';

const REASONS: Readonly<Record<string, string>> = {
  exhausted: 'All attempts of its schedule failed.',
  gone: 'The receiver answered 410, that it wants no more; its subscription was deactivated.',
  crashed_nodes:
    'Nodes died while they attempted it, again and again; it was given up so that it harms no others.',
  erased: 'The payload of its event was erased, so there is nothing to send any more.',
};

/** Why it did or did not arrive, in a sentence, and what to do about it. */
export function Verdict({ delivery }: { delivery: DeliveryWithAttempts }) {
  const { color, icon, title, children } = verdictOf(delivery);
  return (
    <Alert color={color} icon={icon} title={title} data-verdict={delivery.state}>
      {children}
    </Alert>
  );
}

interface Told {
  color: string;
  icon: ReactNode;
  title: string;
  children: ReactNode;
}

function verdictOf(delivery: DeliveryWithAttempts): Told {
  const { state, failureReason, subscriptionId, finishedAt } = delivery;
  const last = delivery.attempts.at(-1);
  const why = last === undefined || last.outcome === 'success' ? null : last;
  switch (state) {
    case 'succeeded':
      return {
        color: 'teal',
        icon: <IconCheck aria-hidden />,
        title: `It arrived: the receiver answered ${last?.statusCode ?? 'with success'}.`,
        children: finishedAt !== null && (
          <Text size="sm">
            {formatInstant(finishedAt)}, at attempt {last?.number ?? 1}. If the receiver's application does
            not have it, look there for the delivery id {last?._id}.
          </Text>
        ),
      };
    case 'pending':
    case 'delivering':
      return {
        color: 'yellow',
        icon: <IconClock aria-hidden />,
        title: titleOfPending(delivery),
        children: (
          <>
            {delivery.nextAttemptAt !== null && why !== null && (
              <Text size="sm">
                The next attempt is in <Countdown to={delivery.nextAttemptAt} />, at{' '}
                {formatInstant(delivery.nextAttemptAt)}.
              </Text>
            )}
            {why?.advice != null && <Text size="sm">{why.advice}</Text>}
          </>
        ),
      };
    case 'failed':
      return {
        color: 'red',
        icon: <IconAlertTriangle aria-hidden />,
        title: `It failed. ${REASONS[failureReason ?? ''] ?? ''}`,
        children: (
          <>
            {why?.error != null && <Text size="sm">The last attempt: {why.error}</Text>}
            {why?.advice != null && <Text size="sm">{why.advice} Then replay it.</Text>}
          </>
        ),
      };
    default:
      return {
        color: 'gray',
        icon: <IconBan aria-hidden />,
        title:
          state === 'skipped'
            ? 'It was never sent: its subscription was not active when the event was published.'
            : (REASONS[failureReason ?? ''] ??
              'It was cancelled: by somebody, or because its subscription was switched off or deleted.'),
        children:
          delivery.subscriptionStatus === 'active' ? (
            <Text size="sm">It can be replayed while its subscription is active.</Text>
          ) : delivery.subscriptionStatus === 'deleted' ? (
            <Text size="sm">Its subscription is deleted: it cannot be replayed.</Text>
          ) : (
            <PageLink to="/subscriptions/$id" params={{ id: subscriptionId }} size="sm">
              Activate the subscription, then replay it
            </PageLink>
          ),
      };
  }
}

function titleOfPending({ state, attempts }: DeliveryWithAttempts): string {
  const last = attempts.at(-1);
  if (state === 'delivering') return `Attempt ${(last?.number ?? 0) + 1} is under way.`;
  if (last === undefined) return 'It waits for its first attempt.';
  return `Still retrying: attempt ${last.number} failed. ${last.error ?? ''}`;
}
