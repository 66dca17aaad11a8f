import { Refusal } from '../domain/errors.ts';
import { ID_FORM } from '../domain/ids.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { SubscriptionStore } from '../store/contract/subscriptions.ts';

/** Throws the same 404 for an id of another workspace, an unknown one and one that is no id. */
export async function findSubscription(
  store: Pick<SubscriptionStore, 'findSubscription'>,
  workspaceId: string,
  id: string,
): Promise<Subscription> {
  const subscription = ID_FORM.test(id) ? await store.findSubscription(workspaceId, id) : undefined;
  if (subscription === undefined) throw noSuchSubscription();
  return subscription;
}

export function noSuchSubscription(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such subscription in this workspace.');
}
