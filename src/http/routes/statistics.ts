import { Type } from 'typebox';
import { ATTEMPT_OUTCOMES } from '../../domain/attempt.ts';
import type { AttemptOutcome } from '../../domain/attempt.ts';
import type { WindowName } from '../../domain/statistics.ts';
import { WINDOWS } from '../../domain/statistics.ts';
import type { SubscriptionStatistics } from '../../management/statistics.ts';
import { BACKLOG_COUNTED_MAX } from '../../management/statistics.ts';
import type { WorkspaceStatistics } from '../../management/workspace-statistics.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FAILURES, IdParams, Instant, nullable, ok, oneOf, success } from '../schemas.ts';
import { SUBSCRIPTIONS_PATH } from './subscriptions.ts';

const WINDOW_NAMES = Object.keys(WINDOWS) as WindowName[];

const Latency = Type.Object(
  { p50: nullable(Type.Integer()), p95: nullable(Type.Integer()) },
  { description: 'Of attempts that were answered, from their start; estimated from a histogram' },
);

const ended = {
  succeeded: Type.Integer({ description: 'Deliveries that ended well' }),
  failed: Type.Integer({ description: 'Deliveries that failed for good' }),
};

const sums = {
  ...ended,
  successRate: nullable(Type.Number({ description: 'Of those that ended; null where none did' })),
  attempts: Type.Unsafe<Record<AttemptOutcome, number>>(
    Type.Object(Object.fromEntries(ATTEMPT_OUTCOMES.map((outcome) => [outcome, Type.Integer()])), {
      description: 'By outcome',
    }),
  ),
  latencyMs: Latency,
};

const Window = Type.Object({ since: Instant, ...sums });

const Backlog = Type.Object({
  pending: Type.Integer({ description: `At most ${BACKLOG_COUNTED_MAX} are counted` }),
  isMore: Type.Boolean(),
  oldestDueAt: nullable(Instant),
});

const published = Type.Integer({
  description: 'Events that were stored, duplicates and test events left out',
});

const OfWorkspace = Type.Object({
  window: oneOf(WINDOW_NAMES),
  since: Instant,
  totals: Type.Object({ published, ...sums }),
  series: Type.Array(
    Type.Object({
      at: Instant,
      published,
      ...ended,
      failedAttempts: Type.Integer({ description: 'Attempts that did not succeed, retried or not' }),
      latencyMs: Latency,
    }),
    { description: 'One for each span, in their order: five minutes of 1h, an hour of the others' },
  ),
  backlog: Backlog,
});

const Shown = Type.Object({
  windows: Type.Object({ '1h': Window, '24h': Window, '7d': Window }),
  backlog: Backlog,
});

/** How a subscription fares, and how the workspace does. */
export function addStatisticsRoutes(
  api: Api,
  statistics: SubscriptionStatistics,
  ofWorkspace: WorkspaceStatistics,
): void {
  api.get(
    '/stats',
    {
      config: { scope: 'deliveries:read', rate: 'read' },
      schema: {
        operationId: 'getStatistics',
        tags: ['deliveries'],
        summary: 'How the workspace fares: published, delivered, failing over time, latency, backlog',
        querystring: Type.Object({ window: oneOf(WINDOW_NAMES, { default: '24h' }) }, CLOSED),
        response: { 200: success(Type.Object({ stats: OfWorkspace })), ...FAILURES },
      },
    },
    async ({ workspaceId, query }) => ok({ stats: await ofWorkspace.get(workspaceId, query.window) }),
  );

  api.get(
    `${SUBSCRIPTIONS_PATH}/:id/stats`,
    {
      config: { scope: 'integrations:read', rate: 'read' },
      schema: {
        operationId: 'getSubscriptionStatistics',
        tags: ['subscriptions'],
        summary: 'How a subscription fares: success rate, latency, outcomes, backlog',
        params: IdParams,
        response: { 200: success(Type.Object({ stats: Shown })), ...FAILURES },
      },
    },
    async ({ workspaceId, params }) => ok({ stats: await statistics.get(workspaceId, params.id) }),
  );
}
