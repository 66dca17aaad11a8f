import { entriesMatching } from '../domain/event-type.ts';
import { dataTextOf } from '../domain/event.ts';
import type { Mistake } from '../domain/errors.ts';
import { invalid } from '../domain/errors.ts';
import type { Unmet } from '../domain/filter-match.ts';
import { explain, FilterData } from '../domain/filter-match.ts';
import type { Filter } from '../domain/filter.ts';
import { readFilter } from '../domain/filter.ts';
import type { EventStore } from '../store/contract/events.ts';
import type { EventView, HistoryStore } from '../store/contract/history.ts';
import { isoOf } from './subscription-view.ts';

export const FILTER_TEST_EVENTS_DEFAULT = 20;
/** Their bodies may be 256 KiB each. */
export const FILTER_TEST_EVENTS_MAX = 50;
/** Of the newest events, so many are looked through for those of the wanted types. */
const EVENTS_LOOKED_THROUGH_MAX = 500;
const EVENTS_PER_PAGE = 100;
/** At once in memory. */
const BODIES_AT_ONCE = 10;

export interface FilterTestRequest {
  filter: unknown;
  /** Event types and patterns; without it, all events. */
  events?: readonly string[];
  limit?: number;
}

/** Whether one stored event would have been delivered, and why not. */
export interface FilterTestResult {
  eventId: string;
  eventType: string;
  createdAt: string;
  matches: boolean;
  unmet: Unmet[];
}

/** Tries filters on what was published lately; changes nothing. */
export class FilterTests {
  readonly #store: Pick<HistoryStore, 'listEvents'> & Pick<EventStore, 'loadBodies'>;

  constructor(store: Pick<HistoryStore, 'listEvents'> & Pick<EventStore, 'loadBodies'>) {
    this.#store = store;
  }

  /** The newest events first. `found`: what the schema has found wrong; throws a 422 `Refusal`, then or for a bad filter. */
  async test(
    workspaceId: string,
    request: FilterTestRequest,
    found: readonly Mistake[],
  ): Promise<FilterTestResult[]> {
    if (found.length > 0) throw invalid(found);
    const read = readFilter(request.filter);
    if (!read.ok) throw invalid(read.mistakes);
    const events = await this.#recent(workspaceId, request);
    const results: FilterTestResult[] = [];
    for (let i = 0; i < events.length; i += BODIES_AT_ONCE)
      results.push(...(await this.#judge(read.filter, events.slice(i, i + BODIES_AT_ONCE))));
    return results;
  }

  async #recent(
    workspaceId: string,
    { events, limit = FILTER_TEST_EVENTS_DEFAULT }: FilterTestRequest,
  ): Promise<EventView[]> {
    const wanted = events && new Set(events);
    const found: EventView[] = [];
    let cursor: string | undefined;
    for (let looked = 0; looked < EVENTS_LOOKED_THROUGH_MAX && found.length < limit;) {
      const query = { limit: EVENTS_PER_PAGE, ...(cursor !== undefined && { cursor }) };
      const { items, nextCursor } = await this.#store.listEvents(workspaceId, query);
      found.push(
        ...items.filter(
          ({ eventType }) => !wanted || entriesMatching(eventType).some((entry) => wanted.has(entry)),
        ),
      );
      if (nextCursor === null) break;
      cursor = nextCursor;
      looked += EVENTS_PER_PAGE;
    }
    return found.slice(0, limit);
  }

  async #judge(filter: Filter, events: readonly EventView[]): Promise<FilterTestResult[]> {
    const bodies = await this.#store.loadBodies(events);
    const byId = new Map(bodies.map(({ eventId, body }) => [eventId, body]));
    return events.flatMap(({ eventId, eventType, createdAt }) => {
      const body = byId.get(eventId);
      // Gone, or erased: there is nothing to be matched.
      if (!body) return [];
      const unmet = explain(filter, new FilterData(dataTextOf(body)));
      return { eventId, eventType, createdAt: isoOf(createdAt), matches: unmet.length === 0, unmet };
    });
  }
}
