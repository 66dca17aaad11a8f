import { Type } from 'typebox';
import {
  CATEGORY_CHARS_MAX,
  DEPRECATION_NOTE_CHARS_MAX,
  TYPE_DESCRIPTION_CHARS_MAX,
  VALIDATION_MODES,
} from '../../domain/catalogue/event-type-definition.ts';
import { EVENT_TYPE_CHARS_MAX } from '../../domain/event-type.ts';
import type { EventTypes } from '../../management/catalogue/event-types.ts';
import { callerOf } from '../caller.ts';
import type { Api } from '../schemas.ts';
import {
  CLOSED,
  FAILURES,
  Instant,
  nullable,
  ok,
  oneOf,
  PAGE_QUERY,
  PagePagination,
  paginationOf,
  SEARCH_CHARS_MAX,
  success,
} from '../schemas.ts';
import { mistakesIn } from '../validation.ts';

const Name = Type.String({ maxLength: EVENT_TYPE_CHARS_MAX, examples: ['shop.order.paid'] });
const Mode = oneOf(VALIDATION_MODES);
const NameParams = Type.Object({ name: Type.String({ description: 'The event type' }) });

function anyObject(description: string) {
  return nullable(Type.Object({}, { additionalProperties: true, description }));
}

const fields = {
  category: Type.String({
    minLength: 1,
    maxLength: CATEGORY_CHARS_MAX,
    description: "The name's first part unless given",
  }),
  description: Type.String({
    maxLength: TYPE_DESCRIPTION_CHARS_MAX,
    description: 'When the event is published',
  }),
  schema: anyObject('JSON Schema 2020-12 of data'),
  example: anyObject('What data may look like; a test event carries it'),
  deprecated: Type.Boolean({ description: 'Publishing and subscribing are answered with a warning' }),
  deprecationNote: nullable(
    Type.String({ maxLength: DEPRECATION_NOTE_CHARS_MAX, description: 'What to do about it' }),
  ),
  replacedBy: nullable(
    Type.String({ maxLength: EVENT_TYPE_CHARS_MAX, description: 'The event type to use instead' }),
  ),
  validation: nullable(oneOf(VALIDATION_MODES, { description: "null: the workspace's default" })),
};

const ChangeBody = Type.Partial(Type.Object(fields), CLOSED);
const CreateBody = Type.Object({ name: Name, ...Type.Partial(Type.Object(fields)).properties }, CLOSED);

const EventType = Type.Object({
  name: Type.String(),
  builtIn: Type.Boolean(),
  ...fields,
  effectiveValidation: Mode,
  createdAt: nullable(Instant),
  updatedAt: nullable(Instant),
  warnings: Type.Array(Type.String()),
});

const Settings = Type.Object({ validation: Mode });
const SettingsBody = Type.Partial(Settings, CLOSED);

const ListQuery = Type.Object(
  {
    ...PAGE_QUERY,
    search: Type.Optional(
      Type.String({ maxLength: SEARCH_CHARS_MAX, description: 'Part of the name or description' }),
    ),
    category: Type.Optional(Type.String({ maxLength: CATEGORY_CHARS_MAX })),
    deprecated: Type.Optional(Type.Boolean()),
    builtIn: Type.Optional(Type.Boolean({ description: "false: the workspace's own types only" })),
    // A catalogue has no time of creation to sort by, and is looked through from A.
    sortBy: oneOf(['name', 'category'], { default: 'name' }),
    sortOrder: oneOf(['asc', 'desc'], { default: 'asc' }),
  },
  CLOSED,
);

const PATH = '/event-types';
const tags = ['event types'];

/** The event catalogue: the built-in types, and each workspace's own. */
export function addEventTypeRoutes(api: Api, eventTypes: EventTypes): void {
  api.get(
    PATH,
    {
      config: { scope: 'events:read', rate: 'read' },
      schema: {
        operationId: 'listEventTypes',
        summary: 'List event types',
        tags,
        querystring: ListQuery,
        response: {
          200: success(Type.Object({ items: Type.Array(EventType), pagination: PagePagination })),
          ...FAILURES,
        },
      },
    },
    async ({ workspaceId, query }) => {
      const { items, total } = await eventTypes.list(workspaceId, query);
      return ok({ items, pagination: paginationOf(query, total) });
    },
  );

  api.post(
    PATH,
    {
      config: { scope: 'catalogue:write', rate: 'write' },
      attachValidation: true,
      schema: {
        operationId: 'createEventType',
        summary: 'Create an event type',
        description:
          'A type of the workspace itself. The names of built-in types, and `webhook.*`, are taken.',
        tags,
        body: CreateBody,
        response: { 201: success(Type.Object({ eventType: EventType }), 'Created'), ...FAILURES },
      },
    },
    async (request, reply) => {
      const eventType = await eventTypes.create(
        callerOf(request),
        request.workspaceId,
        request.body ?? {},
        mistakesIn(request),
      );
      return reply.code(201).send(ok({ eventType }));
    },
  );

  addSettingsRoutes(api, eventTypes);
  addSingleRoutes(api, eventTypes);
}

/** No event type is called `settings`: names have two parts. */
function addSettingsRoutes(api: Api, eventTypes: EventTypes): void {
  const response = { 200: success(Type.Object({ settings: Settings })), ...FAILURES };
  api.get(
    `${PATH}/settings`,
    {
      config: { scope: 'events:read', rate: 'read' },
      schema: {
        operationId: 'getCatalogueSettings',
        summary: 'Get what holds for all event types',
        tags,
        response,
      },
    },
    async ({ workspaceId }) => ok({ settings: await eventTypes.getSettings(workspaceId) }),
  );

  api.patch(
    `${PATH}/settings`,
    {
      config: { scope: 'catalogue:write', rate: 'write' },
      attachValidation: true,
      schema: {
        operationId: 'changeCatalogueSettings',
        summary: 'Change what holds for all event types',
        description: '`validation` holds for every event type that has none of its own.',
        tags,
        body: SettingsBody,
        response,
      },
    },
    async (request) => {
      const { workspaceId, body } = request;
      const settings = await eventTypes.changeSettings(
        callerOf(request),
        workspaceId,
        body ?? {},
        mistakesIn(request),
      );
      return ok({ settings });
    },
  );
}

function addSingleRoutes(api: Api, eventTypes: EventTypes): void {
  const path = `${PATH}/:name`;
  const response = { 200: success(Type.Object({ eventType: EventType })), ...FAILURES };
  api.get(
    path,
    {
      config: { scope: 'events:read', rate: 'read' },
      schema: {
        operationId: 'getEventType',
        summary: 'Get an event type',
        tags,
        params: NameParams,
        response,
      },
    },
    async ({ workspaceId, params }) => ok({ eventType: await eventTypes.get(workspaceId, params.name) }),
  );

  api.patch(
    path,
    {
      config: { scope: 'catalogue:write', rate: 'write' },
      attachValidation: true,
      schema: {
        operationId: 'changeEventType',
        summary: 'Change an event type',
        description:
          'Any given field; the rest stays, and null takes away. Of a built-in type only `validation` can be set.',
        tags,
        params: NameParams,
        body: ChangeBody,
        response,
      },
    },
    async (request) => {
      const { workspaceId, params, body } = request;
      const eventType = await eventTypes.update(
        callerOf(request),
        workspaceId,
        params.name,
        body ?? {},
        mistakesIn(request),
      );
      return ok({ eventType });
    },
  );

  api.delete(
    path,
    {
      config: { scope: 'catalogue:write', rate: 'delete' },
      schema: {
        operationId: 'deleteEventType',
        summary: 'Delete an event type',
        description: 'Of the workspace itself. Subscriptions that name it stay as they are.',
        tags,
        params: NameParams,
        response: {
          200: success(Type.Object({ deleted: Type.Literal(true), _id: Type.String() }), 'Deleted'),
          ...FAILURES,
        },
      },
    },
    async (request) => {
      const { workspaceId, params } = request;
      await eventTypes.delete(callerOf(request), workspaceId, params.name);
      return ok({ deleted: true as const, _id: params.name });
    },
  );
}
