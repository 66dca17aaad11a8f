import type { Keyring } from '../lib/keyring.ts';
import { CannotOpen } from '../lib/keyring.ts';
import type { SealedSecrets } from '../store/sealed-secrets.ts';

const SECRETS_AT_ONCE = 200;

export interface Resealed {
  /** Now under the first key, and were not before. */
  resealed: number;
  /** Subscriptions whose secret none of the keys opens; left as they are. */
  lost: string[];
}

/** Seals every signing secret under the first key. Stopped half way, it goes on the next time: each is done by itself. */
export async function resealAll(secrets: SealedSecrets, keyring: Keyring): Promise<Resealed> {
  const done: Resealed = { resealed: 0, lost: [] };
  for (let after = ''; ;) {
    const page = await secrets.list(after, SECRETS_AT_ONCE);
    for (const secret of page) {
      const { subscriptionId, sealed } = secret;
      if (keyring.isCurrent(sealed)) continue;
      try {
        await secrets.replace(secret, keyring.seal(keyring.open(sealed, subscriptionId), subscriptionId));
        done.resealed += 1;
      } catch (error) {
        if (!(error instanceof CannotOpen)) throw error;
        done.lost.push(subscriptionId);
      }
    }
    const last = page.at(-1);
    if (last === undefined || page.length < SECRETS_AT_ONCE) return done;
    after = last.subscriptionId;
  }
}
