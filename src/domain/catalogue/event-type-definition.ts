/** What is done with the `data` of events that does not fit the schema of their type. */
export const VALIDATION_MODES = ['off', 'warn', 'reject'] as const;
export type ValidationMode = (typeof VALIDATION_MODES)[number];
/** Nothing is refused that nobody asked to be refused. */
export const VALIDATION_DEFAULT: ValidationMode = 'off';

/** Types that one workspace may have of its own; each costs memory on every node that publishes for it. */
export const EVENT_TYPES_MAX = 500;
/** What they may weigh together, in bytes of JSON. */
export const CATALOGUE_BYTES_MAX = 2 * 1024 * 1024;
export const EXAMPLE_BYTES_MAX = 16 * 1024;
export const TYPE_DESCRIPTION_CHARS_MAX = 1_000;
export const DEPRECATION_NOTE_CHARS_MAX = 500;
export const CATEGORY_CHARS_MAX = 64;
export const CATEGORY_FORM = /^[A-Za-z0-9_-]{1,64}$/;

/** What the catalogue says of an event type. */
export interface EventTypeDefinition {
  category: string;
  /** When the event is published. */
  description: string;
  /** JSON Schema 2020-12 of `data`; null where there is none. */
  schema: Readonly<Record<string, unknown>> | null;
  /** What `data` may look like; a test event carries it unless other data is given. */
  example: Readonly<Record<string, unknown>> | null;
  deprecated: boolean;
  /** What to do about it. */
  deprecationNote: string | null;
  /** The event type to use instead. */
  replacedBy: string | null;
}

/** A row of a workspace's catalogue: a type of its own, or what it has set about a built-in one. */
export interface StoredEventType {
  name: string;
  /** Null for a built-in type. */
  definition: EventTypeDefinition | null;
  /** Null: as the workspace has it for all types. */
  validation: ValidationMode | null;
  createdAt: number;
  updatedAt: number;
}
