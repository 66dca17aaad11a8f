import type { EventTypeDefinition, StoredEventType } from '../domain/catalogue/event-type-definition.ts';

/** As both stores keep it: the definition is JSON text, read and written whole. */
export type EventTypeRow = Omit<StoredEventType, 'definition'> & { definition: string | null };

export function toEventType({ definition, ...row }: EventTypeRow): StoredEventType {
  return { ...row, definition: definition === null ? null : (JSON.parse(definition) as EventTypeDefinition) };
}

export function toRow({ definition, ...type }: StoredEventType): EventTypeRow {
  return { ...type, definition: definition === null ? null : JSON.stringify(definition) };
}
