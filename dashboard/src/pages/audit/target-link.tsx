import type { Answer } from '@velahook/sdk';
import { PageLink } from '../../parts/link.tsx';

export type AuditEntry = Answer<'get', '/api/v1/audit'>['items'][number];
type Action = AuditEntry['action'];

/** A page that shows what was changed; null where none does, or not any more. */
type Place =
  'subscription' | 'event' | 'delivery' | 'event type' | 'jobs' | 'tokens' | 'catalogue' | 'settings' | null;

const PLACES: Readonly<Record<Action, Place>> = {
  'subscription.created': 'subscription',
  'subscription.changed': 'subscription',
  'subscription.deleted': null,
  'subscription.deactivated': 'subscription',
  'subscription.tested': 'subscription',
  'subscription.secret_rotated': 'subscription',
  'subscription.secret_rotation_finished': 'subscription',
  'subscription.secret_revealed': 'subscription',
  'event.replayed': 'event',
  'delivery.replayed': 'delivery',
  'delivery.cancelled': 'delivery',
  'replay.started': 'jobs',
  'replay.cancelled': 'jobs',
  'erasure.started': 'jobs',
  'erasure.cancelled': 'jobs',
  'event_type.created': 'event type',
  'event_type.changed': 'event type',
  'event_type.deleted': null,
  'event_types.imported': 'catalogue',
  'token.created': 'tokens',
  'token.changed': 'tokens',
  'token.revoked': 'tokens',
  'session.started': null,
  'portal.link_created': null,
  'workspace.created': null,
  'workspace.changed': 'settings',
  'workspace.deleted': null,
  'admin_token.replaced': null,
};

/** All that can be in the log, as a filter offers it. */
export const ACTIONS = Object.keys(PLACES) as Action[];

/** "subscription changed", "event type deleted". */
export function wordsOf(action: Action): string {
  return action.replace('.', ' ').replaceAll('_', ' ');
}

/** What was done, with the way to the page of what it was done to. */
export function TargetLink({ entry: { action, targetId } }: { entry: AuditEntry }) {
  const words = wordsOf(action);
  const look = { size: 'sm', fw: 600, title: words, children: words } as const;
  const id = targetId ?? '';
  switch (PLACES[action]) {
    case 'subscription':
      return <PageLink to="/subscriptions/$id" params={{ id }} {...look} />;
    case 'event':
      return <PageLink to="/events/$id" params={{ id }} {...look} />;
    case 'delivery':
      return <PageLink to="/deliveries/$id" params={{ id }} {...look} />;
    case 'event type':
      return <PageLink to="/catalogue/$name" params={{ name: id }} {...look} />;
    case 'jobs':
      return <PageLink to="/jobs" {...look} />;
    case 'tokens':
      return <PageLink to="/tokens" {...look} />;
    case 'catalogue':
      return <PageLink to="/catalogue" {...look} />;
    case 'settings':
      return <PageLink to="/settings" {...look} />;
    default:
      return <b title={words}>{words}</b>;
  }
}
