import { Type } from 'typebox';
import { ATTEMPT_OUTCOMES } from '../../domain/attempt.ts';
import type { AttemptOutcome } from '../../domain/attempt.ts';
import type { SubscriptionStatistics } from '../../management/statistics.ts';
import { BACKLOG_COUNTED_MAX } from '../../management/statistics.ts';
import type { Api } from '../schemas.ts';
import { FAILURES, IdParams, Instant, nullable, ok, success } from '../schemas.ts';
import { SUBSCRIPTIONS_PATH } from './subscriptions.ts';

const Window = Type.Object({
  since: Instant,
  succeeded: Type.Integer({ description: 'Deliveries that ended well' }),
  failed: Type.Integer({ description: 'Deliveries that failed for good' }),
  successRate: nullable(Type.Number({ description: 'Of those that ended; null where none did' })),
  attempts: Type.Unsafe<Record<AttemptOutcome, number>>(
    Type.Object(Object.fromEntries(ATTEMPT_OUTCOMES.map((outcome) => [outcome, Type.Integer()])), {
      description: 'By outcome',
    }),
  ),
  latencyMs: Type.Object(
    { p50: nullable(Type.Integer()), p95: nullable(Type.Integer()) },
    { description: 'Of attempts that were answered, from their start; estimated from a histogram' },
  ),
});

const Shown = Type.Object({
  windows: Type.Object({ '1h': Window, '24h': Window, '7d': Window }),
  backlog: Type.Object({
    pending: Type.Integer({ description: `At most ${BACKLOG_COUNTED_MAX} are counted` }),
    isMore: Type.Boolean(),
    oldestDueAt: nullable(Instant),
  }),
});

/** How a subscription fares. */
export function addStatisticsRoute(api: Api, statistics: SubscriptionStatistics): void {
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
