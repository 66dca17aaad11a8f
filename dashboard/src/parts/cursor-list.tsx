import { Box, Button, Center, Group, Loader, Table, Text } from '@mantine/core';
import {
  useInfiniteQuery,
  useQueryClient,
  type InfiniteData,
  type Query,
  type UseInfiniteQueryResult,
} from '@tanstack/react-query';
import { memo, useEffect, useMemo, useRef, type ReactNode } from 'react';
import { Lines, Problem } from './problem.tsx';
import { useRowsInSight } from './rows-in-sight.ts';
import { formatInstant } from './time.tsx';
import classes from './cursor-list.module.css';

interface CursorPageOf<T> {
  items: T[];
  pagination: { nextCursor: string | null };
}

export type CursorQuery<T> = UseInfiniteQueryResult<InfiniteData<CursorPageOf<T>>> & {
  queryKey: readonly unknown[];
};

/** So many of a list are asked for at once: the most that the API gives. */
const PAGE_ITEMS = 100;

/**
 * What somebody has scrolled far through stays as it was read: to read it again is to read all of its pages, a thousand
 * of them, one after the other.
 */
export function isShortList({ state }: Query): boolean {
  const { pages } = (state.data ?? {}) as { pages?: unknown[] };
  return pages === undefined || pages.length <= 1;
}

/** Has what is shown of these read again, but for lists that were scrolled far: `deliveries`, `events`, `subscriptions`. */
export function useListsChanged(): (...keys: string[]) => Promise<void> {
  const queries = useQueryClient();
  return async (...keys) => {
    await Promise.all(
      keys.map((key) => queries.invalidateQueries({ queryKey: [key], predicate: isShortList })),
    );
  };
}

/** A list that is read by cursor, newest first, as far as somebody scrolls. */
export function useCursorQuery<T>(
  queryKey: readonly unknown[],
  read: (cursor: { cursor?: string; limit: number }, signal: AbortSignal) => Promise<CursorPageOf<T>>,
): CursorQuery<T> {
  const isAgain = (found: object): boolean => isShortList(found as Query);
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      read({ limit: PAGE_ITEMS, ...(pageParam !== null && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ pagination }) => pagination.nextCursor,
    refetchOnMount: isAgain,
    refetchOnWindowFocus: isAgain,
    refetchOnReconnect: isAgain,
  });
  return { ...query, queryKey };
}

export interface Column<T> {
  label: string;
  /** Of the grid: `minmax(0, 2fr)`, `120px`. */
  width: string;
  /** Where the page is narrow, if another. */
  narrow?: string;
  /** Left out there. */
  isExtra?: true;
  cell: (item: T) => ReactNode;
}

interface CursorListProps<T> {
  query: CursorQuery<T>;
  /** What the table lists, for those who cannot see it. */
  label: string;
  columns: readonly Column<T>[];
  keyOf: (item: T) => string;
  empty: ReactNode;
}

const ROW_PX = 49;
/** The next page is asked for when so few rows are left. */
const ROWS_AHEAD = 60;

/** Rows as they come into sight: a hundred thousand cost as much as a screenful. */
export function CursorList<T>({ query, label, columns, keyOf, empty }: CursorListProps<T>) {
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const body = useRef<HTMLDivElement>(null);
  const { from, to } = useRowsInSight(body, items.length, ROW_PX);
  const { hasNextPage, isFetching, fetchNextPage, isError } = query;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && to > items.length - ROWS_AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage, to, items.length]);

  if (query.isPending) return <Lines count={10} />;
  if (query.isError && items.length === 0)
    return (
      <Problem title="This list could not be loaded" error={query.error} retry={() => void query.refetch()} />
    );
  // A page may be empty though the list goes on: what one of them looks at is bounded.
  if (items.length === 0 && !hasNextPage) return empty;
  const style = {
    '--columns': columns.map(({ width }) => width).join(' '),
    '--columns-narrow': columns
      .filter(({ isExtra }) => isExtra !== true)
      .map(({ width, narrow = width }) => narrow)
      .join(' '),
  };
  const isScrolledFar = (query.data?.pages.length ?? 0) > 1;
  return (
    <>
      {isScrolledFar && <Standing query={query} />}
      <Box className={classes.list} style={style} role="table" aria-label={label} aria-rowcount={-1}>
        <div role="rowgroup">
          <div className={`${classes.row} ${classes.head}`} role="row">
            {columns.map(({ label: name, isExtra }) => (
              <div key={name} role="columnheader" className={isExtra === true ? classes.extra : undefined}>
                {name}
              </div>
            ))}
          </div>
        </div>
        <div ref={body} role="rowgroup" className={classes.body} style={{ height: items.length * ROW_PX }}>
          {items.slice(from, to).map((item, i) => (
            <Row key={keyOf(item)} index={from + i} top={(from + i) * ROW_PX} item={item} columns={columns} />
          ))}
        </div>
      </Box>
      <End query={query} />
    </>
  );
}

interface RowProps<T> {
  index: number;
  /** Below the top of the first row, in pixels. */
  top: number;
  item: T;
  columns: readonly Column<T>[];
}

/** Drawn when it comes into sight, and not again with each step of scrolling. */
const Row = memo(function Row<T>({ index, top, item, columns }: RowProps<T>) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={classes.row}
      style={{ height: ROW_PX, transform: `translateY(${top}px)` }}
    >
      {columns.map(({ label, isExtra, cell }) => (
        <div key={label} role="cell" className={isExtra === true ? classes.extra : undefined}>
          {cell(item)}
        </div>
      ))}
    </div>
  );
}) as <T>(props: RowProps<T>) => ReactNode;

/** Below the last row: more is to come, could not be read, or there is no more. */
function End<T>({ query }: { query: CursorQuery<T> }) {
  const { isError, isFetchNextPageError, error, hasNextPage, fetchNextPage, refetch } = query;
  return (
    <Center p="md" role="status">
      {isError ? (
        <Problem
          title={
            isFetchNextPageError ? 'The list could not be read further' : 'The list could not be read again'
          }
          error={error}
          retry={() => void (isFetchNextPageError ? fetchNextPage() : refetch())}
        />
      ) : hasNextPage ? (
        <Loader size="sm" aria-label="Loading more" />
      ) : (
        <Text size="sm" c="dimmed">
          The end of the list
        </Text>
      )}
    </Center>
  );
}

/** A list that was scrolled far stands still: what has come since is above its beginning. */
function Standing<T>({ query }: { query: CursorQuery<T> }) {
  const queries = useQueryClient();
  const refresh = (): void => {
    window.scrollTo({ top: 0 });
    void queries.resetQueries({ queryKey: query.queryKey });
  };
  return (
    <Group className={classes.standing} gap="xs">
      <Text size="xs" c="dimmed">
        As of {formatInstant(new Date(query.dataUpdatedAt).toISOString())}
      </Text>
      <Button size="compact-xs" variant="default" onClick={refresh}>
        Back to the newest
      </Button>
    </Group>
  );
}

/** A small table whose first column names its rows. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <Table variant="vertical" layout="fixed" withTableBorder>
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w={170}>{name}</Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
