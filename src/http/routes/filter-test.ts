import { Type } from 'typebox';
import { EVENT_TYPE_CHARS_MAX } from '../../domain/event-type.ts';
import { EVENTS_PER_SUBSCRIPTION_MAX } from '../../domain/subscription.ts';
import type { FilterTests } from '../../management/filter-tests.ts';
import { FILTER_TEST_EVENTS_DEFAULT, FILTER_TEST_EVENTS_MAX } from '../../management/filter-tests.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FAILURES, Instant, ok, success } from '../schemas.ts';
import { mistakesIn } from '../validation.ts';
import { SUBSCRIPTIONS_PATH } from './subscriptions.ts';

const TestBody = Type.Object(
  {
    filter: Type.Object({}, { additionalProperties: true }),
    events: Type.Optional(
      Type.Array(Type.String({ maxLength: EVENT_TYPE_CHARS_MAX }), {
        minItems: 1,
        maxItems: EVENTS_PER_SUBSCRIPTION_MAX,
        description: 'Event types and patterns, as in a subscription; without them, all events',
      }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: FILTER_TEST_EVENTS_MAX, default: FILTER_TEST_EVENTS_DEFAULT }),
    ),
  },
  CLOSED,
);

const Result = Type.Object({
  eventId: Type.String(),
  eventType: Type.String(),
  createdAt: Instant,
  matches: Type.Boolean(),
  unmet: Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
    description: 'The conditions it does not meet',
  }),
});

/** Trying a filter on recent events. It tells what is in them, which who may subscribe can read anyway. */
export function addFilterTestRoute(api: Api, filterTests: FilterTests): void {
  api.post(
    `${SUBSCRIPTIONS_PATH}/filter-test`,
    {
      config: { scope: 'integrations:write', rate: 'read' },
      attachValidation: true,
      schema: {
        operationId: 'testFilter',
        tags: ['subscriptions'],
        summary: 'Try a filter on recent events',
        body: TestBody,
        response: {
          200: success(Type.Object({ matched: Type.Integer(), items: Type.Array(Result) }), 'Newest first'),
          ...FAILURES,
        },
      },
    },
    async (request) => {
      const items = await filterTests.test(request.workspaceId, request.body, mistakesIn(request));
      return ok({ matched: items.filter(({ matches }) => matches).length, items });
    },
  );
}
