import { Type } from 'typebox';
import { Refusal } from '../../domain/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { BATCH_BYTES_MAX, BATCH_EVENTS_MAX, readBatchRequest } from '../../engine/intake/batch-request.ts';
import type { RulesOf } from '../../management/catalogue/publish-rules.ts';
import { publishBatch } from '../../management/publish-batch.ts';
import type { Log } from '../../telemetry/log.ts';
import { failureOf } from '../errors.ts';
import type { RateLimits } from '../rate-limits.ts';
import { countedOf } from '../rate-limits.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FailureError, FAILURES, ok, success } from '../schemas.ts';
import { bytesOf, PublishBody, Published } from './events.ts';

const BatchBody = Type.Object(
  { events: Type.Array(PublishBody, { minItems: 1, maxItems: BATCH_EVENTS_MAX }) },
  CLOSED,
);

const Result = Type.Object({
  success: Type.Boolean(),
  event: Type.Optional(Published),
  error: Type.Optional(FailureError),
});

const Results = Type.Object({
  results: Type.Array(Result, { description: 'One for each event, in the order of the request' }),
  accepted: Type.Integer({ description: 'Results with an event, duplicates included' }),
  refused: Type.Integer({ description: 'Results with an error' }),
});

export interface BatchRouteDeps {
  engine: Pick<Engine, 'publish'>;
  rules: RulesOf;
  rateLimits: RateLimits;
  log: Log;
}

/** Publishing many at once; to be added where bodies are bytes. */
export function addBatchRoute(api: Api, { engine, rules, rateLimits, log }: BatchRouteDeps): void {
  api.post(
    '/events/batch',
    {
      config: { scope: 'events:write', rate: 'publish' },
      bodyLimit: BATCH_BYTES_MAX,
      schema: {
        operationId: 'publishEvents',
        summary: 'Publish many events',
        tags: ['events'],
        body: BatchBody,
        response: {
          202: success(Results, 'What has an event is on disk; what has an error is not stored'),
          ...FAILURES,
        },
      },
    },
    async (request, reply) => {
      if (request.headers['idempotency-key'] !== undefined) {
        throw new Refusal(
          'BAD_REQUEST',
          'Idempotency-Key names one event; leave it out, and give each event of the batch its eventId.',
        );
      }
      const items = await readBatchRequest(bytesOf(request), await rules(request.workspaceId));
      // One was counted when the request was let in. Each event counts, as if it came alone: a limit that ten
      // requests pass with ten thousand events is none.
      if (request.access !== null && items.length > 1)
        await rateLimits.count('publish', countedOf(request.access), reply, items.length - 1);
      const published = await publishBatch(engine, request.workspaceId, items);
      const results = published.map((result) => {
        if ('event' in result) return { success: true, event: result.event };
        const { body, isOurs } = failureOf(result.error, request.id);
        if (isOurs) log.error({ requestId: request.id, err: result.error }, 'An event of a batch failed.');
        return body;
      });
      const accepted = results.filter((result) => result.success).length;
      return reply.code(202).send(ok({ results, accepted, refused: results.length - accepted }));
    },
  );
}
