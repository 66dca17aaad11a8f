import { Type } from 'typebox';
import { parseTimestamp } from '../../domain/timestamp.ts';
import type { MissedDeliveries } from '../../management/missed-deliveries.ts';
import { MISSED_COUNTED_MAX } from '../../management/missed-deliveries.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FAILURES, IdParams, Instant, ok, success } from '../schemas.ts';
import { SUBSCRIPTIONS_PATH } from './subscriptions.ts';

const Query = Type.Object(
  {
    since: Type.Optional(
      Type.String({
        format: 'date-time',
        description:
          'First delivered at or after; default: a day ago, or, where it is not active, a day before it began to fail or, if nothing had failed, was switched off',
      }),
    ),
  },
  CLOSED,
);

const Missed = Type.Object({
  since: Instant,
  count: Type.Integer({ description: `At most ${MISSED_COUNTED_MAX} are counted` }),
  isMore: Type.Boolean({ description: 'Not all has been counted: there may be more' }),
  states: Type.Object({
    pending: Type.Integer({ description: 'Waiting for a retry' }),
    failed: Type.Integer(),
    cancelled: Type.Integer(),
    skipped: Type.Integer(),
  }),
});

/** What a replay of a subscription would take. */
export function addMissedRoute(api: Api, missed: MissedDeliveries): void {
  api.get(
    `${SUBSCRIPTIONS_PATH}/:id/missed`,
    {
      config: { scope: 'deliveries:read', rate: 'read' },
      schema: {
        operationId: 'countMissed',
        tags: ['replays'],
        summary: 'How many deliveries a replay since then would take',
        params: IdParams,
        querystring: Query,
        response: { 200: success(Type.Object({ missed: Missed })), ...FAILURES },
      },
    },
    async ({ workspaceId, params, query }) => {
      const since = query.since === undefined ? undefined : parseTimestamp(query.since);
      return ok({ missed: await missed.count(workspaceId, params.id, since) });
    },
  );
}
