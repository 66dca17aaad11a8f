/** The built-in categories: the services of the documented platform, and `webhook`, Velahook's own events. */
export const CATEGORIES = [
  'inbox',
  'crm',
  'customer',
  'channels',
  'workflow',
  'auth',
  'broadcast',
  'scheduling',
  'webhook',
] as const;

export type Category = (typeof CATEGORIES)[number];

/** An event type as the catalogue describes it. */
export interface CataloguedType {
  name: string;
  category: Category;
  /** One sentence: when the event is published. */
  description: string;
  /** What `data` may look like; a test event carries it unless other data is given. */
  example: Readonly<Record<string, unknown>>;
}

/** Types of one category, as they are written down: name, description, example. */
export function category(
  name: Category,
  types: readonly (readonly [name: string, description: string, example: Record<string, unknown>])[],
): readonly CataloguedType[] {
  return types.map(([type, description, example]) => ({
    name: type,
    category: name,
    description,
    example,
  }));
}
