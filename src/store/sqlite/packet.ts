import type { AttemptToRecord } from '../contract/records.ts';
import type { NewEvent } from '../contract/events.ts';
import type { Subscription } from '../../domain/subscription.ts';
import type { Token } from '../../domain/token.ts';
import type { SubscriptionChange } from '../contract/subscriptions.ts';
import type { CallName } from './calls.ts';
import type { SentError } from './sqlite-errors.ts';

/** A call on its way to a worker thread; its bytes are in the packet's one buffer. */
export interface Call {
  id: number;
  name: CallName;
  args: unknown[];
}

/** Several calls in one message: a message costs some ten microseconds whatever it holds. */
export interface Packet {
  calls: Call[];
  bytes: Uint8Array<ArrayBuffer>;
}

export type Answer = { id: number; value: unknown } | { id: number; error: SentError };

/** What a worker sends: once whether it started, then answers to packets. */
export type WorkerMessage =
  { kind: 'started' } | { kind: 'refused'; error: SentError } | { kind: 'answers'; answers: Answer[] };

/**
 * Puts the byte fields of all calls into one buffer to be transferred. Left in place, each would be cloned with the
 * whole buffer it is a view of: 8 KiB for the shortest `Buffer.from`, with whatever else lies in that pool. Given
 * away (transferred) they would be lost to the caller, who has yet to send the bodies.
 */
export function pack(calls: readonly Call[]): Packet {
  const parts: Uint8Array[] = [];
  let total = 0;
  const packed = calls.map((call) =>
    mapBytes<Uint8Array, number>(call, (bytes) => {
      parts.push(bytes);
      total += bytes.length;
      return bytes.length;
    }),
  );
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return { calls: packed, bytes: all };
}

/** Undoes {@link pack}; the byte fields are views of the packet's buffer. */
export function unpack(packet: Packet): Call[] {
  let at = 0;
  return packet.calls.map((call) =>
    mapBytes<number, Uint8Array>(call, (length) => {
      const bytes = packet.bytes.subarray(at, at + length);
      at += length;
      return bytes;
    }),
  );
}

/** Replaces every byte field of a call's arguments, always in the same order. */
function mapBytes<From, To>(call: Call, map: (from: From) => To): Call {
  type With<T, Field extends keyof T> = Omit<T, Field> & Record<Field, From>;
  const { id, name, args } = call;
  switch (name) {
    case 'commitEvents': {
      const [epoch, events, ...rest] = args as [number, With<NewEvent, 'body'>[], boolean, number];
      const mapped = events.map((event) => ({ ...event, body: map(event.body) }));
      return { id, name, args: [epoch, mapped, ...rest] };
    }
    case 'recordAttempts': {
      const [epoch, records, ...rest] = args as [number, AttemptToRecord[], number];
      const mapped = records.map((record) => {
        const { responseBody } = record.attempt as unknown as { responseBody: From | null };
        if (responseBody === null) return record;
        return { ...record, attempt: { ...record.attempt, responseBody: map(responseBody) } };
      });
      return { id, name, args: [epoch, mapped, ...rest] };
    }
    case 'createSubscription': {
      const [subscription, ...rest] = args as [With<Subscription, 'sealedSecret'>, ...unknown[]];
      const sealedSecret = map(subscription.sealedSecret);
      return { id, name, args: [{ ...subscription, sealedSecret }, ...rest] };
    }
    case 'updateSubscription': {
      const [workspaceId, subscriptionId, change, ...rest] = args as [
        string,
        string,
        SubscriptionChange,
        ...unknown[],
      ];
      const secret = change.secret as unknown as { sealed: From; hint: string } | undefined;
      if (secret === undefined) return call;
      const mapped = { ...change, secret: { ...secret, sealed: map(secret.sealed) } };
      return { id, name, args: [workspaceId, subscriptionId, mapped, ...rest] };
    }
    case 'ensureToken':
    case 'createToken': {
      const [token, ...rest] = args as [With<Token, 'hash'>, ...unknown[]];
      return { id, name, args: [{ ...token, hash: map(token.hash) }, ...rest] };
    }
    case 'findTokenByHash':
    case 'ensureAdminToken': {
      const [hash, ...rest] = args as [From, ...unknown[]];
      return { id, name, args: [map(hash), ...rest] };
    }
    default:
      return call;
  }
}
