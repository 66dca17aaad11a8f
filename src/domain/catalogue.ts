import { AUTH_TYPES } from './catalogue/auth.ts';
import { BROADCAST_TYPES } from './catalogue/broadcast.ts';
import type { CataloguedType } from './catalogue/catalogued-type.ts';
import { CHANNELS_TYPES } from './catalogue/channels.ts';
import { CRM_TYPES } from './catalogue/crm.ts';
import { CUSTOMER_TYPES } from './catalogue/customer.ts';
import { INBOX_TYPES } from './catalogue/inbox.ts';
import { SCHEDULING_TYPES } from './catalogue/scheduling.ts';
import { WEBHOOK_TYPES } from './catalogue/webhook.ts';
import { WORKFLOW_TYPES } from './catalogue/workflow.ts';

/** Every event type Velahook knows by itself, by category. */
export const CATALOGUE: readonly CataloguedType[] = [
  ...INBOX_TYPES,
  ...CRM_TYPES,
  ...CUSTOMER_TYPES,
  ...CHANNELS_TYPES,
  ...WORKFLOW_TYPES,
  ...AUTH_TYPES,
  ...BROADCAST_TYPES,
  ...SCHEDULING_TYPES,
  ...WEBHOOK_TYPES,
];

const byName: ReadonlyMap<string, CataloguedType> = new Map(CATALOGUE.map((type) => [type.name, type]));

/** The catalogue's names, in its order. */
export const CATALOGUED_NAMES: readonly string[] = CATALOGUE.map((type) => type.name);

/** The entry of this name, or undefined. */
export function findCatalogued(name: string): CataloguedType | undefined {
  return byName.get(name);
}
