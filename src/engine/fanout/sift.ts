import type { FilteredOut } from '../../domain/event.ts';
import { FILTERED_IDS_MAX } from '../../domain/event.ts';
import { FilterData, matches } from '../../domain/filter-match.ts';
import type { Subscription } from '../../domain/subscription.ts';
import type { WorkspaceSubscriptions } from './subscription-index.ts';

/** Who gets an event of those that name its type. */
export interface Sifted {
  wanted: readonly Subscription[];
  /** Null where no filter kept it from anybody. */
  filteredOut: FilteredOut | null;
}

/**
 * Leaves out the subscriptions whose filter the event's `data` does not match. That is read only if one has a filter, and
 * then once. Without waiting: of two events published one after the other the first must not come second.
 */
export function sift(
  named: readonly Subscription[],
  workspace: WorkspaceSubscriptions,
  data: () => string,
): Sifted {
  if (!workspace.hasFilters) return { wanted: named, filteredOut: null };
  let read: FilterData | undefined;
  const isWanted = (subscription: Subscription): boolean => {
    const filter = workspace.filterOf(subscription);
    return filter === undefined || matches(filter, (read ??= new FilterData(data())));
  };
  const wanted = named.filter(isWanted);
  if (wanted.length === named.length) return { wanted, filteredOut: null };
  const kept = new Set(wanted);
  const others = named.filter((subscription) => !kept.has(subscription));
  const subscriptionIds = others.slice(0, FILTERED_IDS_MAX).map(({ id }) => id);
  return { wanted, filteredOut: { count: others.length, subscriptionIds } };
}
