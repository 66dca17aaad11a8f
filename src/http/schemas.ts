import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Static, TSchema, TSchemaOptions } from 'typebox';
import { Type } from 'typebox';
import { ERROR_STATUS } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';

/** A server whose routes are typed by their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export const PAGE_LIMIT_DEFAULT = 20;
const PAGE_LIMIT_MAX = 100;
/** Past any list there is; it keeps offsets exact numbers. */
const PAGE_MAX = 1_000_000;
const CURSOR_CHARS_MAX = 256;
/** Longer than any name; it bounds what a search costs. */
export const SEARCH_CHARS_MAX = 200;

/** One of these words. `enum`, not a union of constants: one message, and a fast serializer. */
export function oneOf<const T extends string>(values: readonly T[], options: TSchemaOptions = {}) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });
}

/** The same schema, or null. */
export function nullable<T extends TSchema>(schema: T) {
  const { type, enum: words } = schema as { type?: string; enum?: string[] };
  const widened = { ...schema, type: [type, 'null'], ...(words !== undefined && { enum: [...words, null] }) };
  return Type.Unsafe<Static<T> | null>(widened);
}

export const Instant = Type.String({ format: 'date-time', examples: ['2026-03-24T14:30:00.000Z'] });

/** What a successful answer looks like. */
export function success<T extends TSchema>(data: T, description = 'Done') {
  return Type.Object({ success: Type.Literal(true), data }, { description });
}

/** Wraps what is answered. */
export function ok<T>(data: T): { success: true; data: T } {
  return { success: true, data };
}

const codes = Object.keys(ERROR_STATUS) as ErrorCode[];

/** What went wrong, as a failure says it. */
export const FailureError = Type.Object({
  code: oneOf(codes),
  message: Type.String(),
  details: Type.Optional(
    Type.Object({ errors: Type.Array(Type.Object({ path: Type.String(), message: Type.String() })) }),
  ),
});

const Failure = Type.Object(
  { success: Type.Literal(false), error: FailureError },
  { description: 'Refused; the message says what to do about it' },
);

/** The failures every route may answer. */
export const FAILURES = { '4xx': Failure, '5xx': Failure };

export const IdParams = Type.Object({ id: Type.String({ description: 'The id, as an answer gave it' }) });

/** Query of a list that is read by page. */
export const PAGE_QUERY = {
  page: Type.Integer({ minimum: 1, maximum: PAGE_MAX, default: 1 }),
  limit: Type.Integer({ minimum: 1, maximum: PAGE_LIMIT_MAX, default: PAGE_LIMIT_DEFAULT }),
  sortOrder: oneOf(['asc', 'desc'], { default: 'desc' }),
};

/** Query of a list that is read by cursor, newest first. */
export const CURSOR_QUERY = {
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: CURSOR_CHARS_MAX })),
  limit: Type.Integer({ minimum: 1, maximum: PAGE_LIMIT_MAX, default: PAGE_LIMIT_DEFAULT }),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'Created at or after' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Created before' })),
};

export const PagePagination = Type.Object({
  page: Type.Integer(),
  limit: Type.Integer(),
  total: Type.Integer(),
  totalPages: Type.Integer(),
});

/** Where a page is in its list of `total`. */
export function paginationOf({ page, limit }: { page: number; limit: number }, total: number) {
  return { page, limit, total, totalPages: Math.ceil(total / limit) };
}

export const CursorPagination = Type.Object({
  limit: Type.Integer(),
  nextCursor: nullable(Type.String()),
});

/** Request schemas refuse what they do not name. */
export const CLOSED = { additionalProperties: false } as const;
