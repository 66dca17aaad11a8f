import type { FilteredOut } from '../domain/event.ts';

/** Of what is stored of an event: JSON, or null where no filter kept it from anybody. */
export function readFilteredOut(text: string | null): FilteredOut | null {
  return text === null ? null : (JSON.parse(text) as FilteredOut);
}
