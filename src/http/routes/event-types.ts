import { Type } from 'typebox';
import { CATALOGUE, findCatalogued } from '../../domain/catalogue.ts';
import { CATEGORIES } from '../../domain/catalogue/catalogued-type.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FAILURES, ok, oneOf, success } from '../schemas.ts';

const EventType = Type.Object({
  name: Type.String(),
  category: oneOf(CATEGORIES),
  description: Type.String(),
  example: Type.Object({}, { additionalProperties: true, description: 'What data may look like' }),
});

const ListQuery = Type.Object({ category: Type.Optional(oneOf(CATEGORIES)) }, CLOSED);

/** The event catalogue: all of it at once, since it fits one answer. */
export function addEventTypeRoutes(api: Api): void {
  api.get(
    '/event-types',
    {
      config: { scope: 'events:read', rate: 'read' },
      schema: {
        operationId: 'listEventTypes',
        tags: ['event types'],
        querystring: ListQuery,
        response: { 200: success(Type.Object({ items: Type.Array(EventType) })), ...FAILURES },
      },
    },
    async ({ query }) => {
      const { category } = query;
      const items = CATALOGUE.filter((type) => category === undefined || type.category === category);
      return ok({ items: [...items] });
    },
  );

  api.get(
    '/event-types/:name',
    {
      config: { scope: 'events:read', rate: 'read' },
      schema: {
        operationId: 'getEventType',
        tags: ['event types'],
        params: Type.Object({ name: Type.String() }),
        response: { 200: success(Type.Object({ eventType: EventType })), ...FAILURES },
      },
    },
    async ({ params }) => {
      const eventType = findCatalogued(params.name);
      if (eventType === undefined)
        throw new Refusal('NOT_FOUND', 'There is no such event type in the catalogue.');
      return ok({ eventType });
    },
  );
}
