import { CATALOGUE } from '../domain/catalogue.ts';
import type { CataloguedType, Category } from '../domain/catalogue/catalogued-type.ts';

export interface EventTypeQuery {
  category?: Category;
  /** Substring of name or description, without regard to case. */
  search?: string;
  /** Within a category, by name. */
  sortBy: 'name' | 'category';
  sortOrder: 'asc' | 'desc';
  /** From 1. */
  page: number;
  limit: number;
}

export interface EventTypePage {
  items: CataloguedType[];
  /** On all pages together. */
  total: number;
}

/** A page of the catalogue. It is small and in memory: each call looks at all of it. */
export function listEventTypes(query: EventTypeQuery): EventTypePage {
  const { category, search = '', sortBy, sortOrder, page, limit } = query;
  const part = search.toLowerCase();
  const wanted = CATALOGUE.filter(
    (type) =>
      (category === undefined || type.category === category) &&
      (type.name.toLowerCase().includes(part) || type.description.toLowerCase().includes(part)),
  );
  const direction = sortOrder === 'asc' ? 1 : -1;
  wanted.sort((a, b) => direction * (compare(a[sortBy], b[sortBy]) || compare(a.name, b.name)));
  return { items: wanted.slice((page - 1) * limit, page * limit), total: wanted.length };
}

/** By code unit: the same order on every machine, whatever its locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
