import { Type } from 'typebox';
import { findCatalogued } from '../../domain/catalogue.ts';
import { CATEGORIES } from '../../domain/catalogue/catalogued-type.ts';
import { Refusal } from '../../domain/errors.ts';
import { listEventTypes } from '../../management/event-types.ts';
import type { Api } from '../schemas.ts';
import {
  CLOSED,
  FAILURES,
  ok,
  oneOf,
  PAGE_QUERY,
  PagePagination,
  paginationOf,
  SEARCH_CHARS_MAX,
  success,
} from '../schemas.ts';

const EventType = Type.Object({
  name: Type.String(),
  category: oneOf(CATEGORIES),
  description: Type.String(),
  example: Type.Object({}, { additionalProperties: true, description: 'What data may look like' }),
});

const ListQuery = Type.Object(
  {
    ...PAGE_QUERY,
    search: Type.Optional(
      Type.String({ maxLength: SEARCH_CHARS_MAX, description: 'Part of the name or description' }),
    ),
    category: Type.Optional(oneOf(CATEGORIES)),
    // A catalogue has no time of creation to sort by, and is looked through from A.
    sortBy: oneOf(['name', 'category'], { default: 'name' }),
    sortOrder: oneOf(['asc', 'desc'], { default: 'asc' }),
  },
  CLOSED,
);

/** The event catalogue. */
export function addEventTypeRoutes(api: Api): void {
  api.get(
    '/event-types',
    {
      config: { scope: 'events:read', rate: 'read' },
      schema: {
        operationId: 'listEventTypes',
        tags: ['event types'],
        querystring: ListQuery,
        response: {
          200: success(Type.Object({ items: Type.Array(EventType), pagination: PagePagination })),
          ...FAILURES,
        },
      },
    },
    async ({ query }) => {
      const { items, total } = listEventTypes(query);
      return ok({ items, pagination: paginationOf(query, total) });
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
