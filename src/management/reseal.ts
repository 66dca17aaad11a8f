import type { Keyring } from '../lib/keyring.ts';
import { sealContext } from '../domain/sealed-parts.ts';
import { CannotOpen } from '../lib/keyring.ts';
import type { SealedSecrets } from '../store/sealed-secrets.ts';

const OWNERS_AT_ONCE = 200;

export interface Resealed {
  /** Now under the first key, and were not before. */
  resealed: number;
  /** Subscriptions and erasures of which none of the keys opens something; that is left as it is. */
  lost: string[];
}

/** Seals everything under the first key. Stopped half way, it goes on the next time: each is done by itself. */
export async function resealAll(secrets: SealedSecrets, keyring: Keyring): Promise<Resealed> {
  const done: Resealed = { resealed: 0, lost: [] };
  for (let after = ''; ;) {
    const page = await secrets.list(after, OWNERS_AT_ONCE);
    for (const secret of page) {
      const { ownerId, part, sealed } = secret;
      if (keyring.isCurrent(sealed)) continue;
      try {
        const context = sealContext(ownerId, part);
        await secrets.replace(secret, keyring.seal(keyring.open(sealed, context), context));
        done.resealed += 1;
      } catch (error) {
        if (!(error instanceof CannotOpen)) throw error;
        if (!done.lost.includes(ownerId)) done.lost.push(ownerId);
      }
    }
    const last = page.at(-1);
    if (last === undefined) return done;
    after = last.ownerId;
  }
}
