import {
  IconActivity,
  IconBook2,
  IconBroadcast,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconPlayerTrackNext,
  IconSend,
  IconSettings,
  IconWebhook,
  type Icon,
} from '@tabler/icons-react';
import type { Access } from '../access/access.ts';

export interface NavigationItem {
  to:
    | '/'
    | '/subscriptions'
    | '/events'
    | '/deliveries'
    | '/live'
    | '/catalogue'
    | '/jobs'
    | '/tokens'
    | '/audit'
    | '/settings';
  label: string;
  icon: Icon;
  /** Without it the page would show nothing. */
  scope: string;
  /** Not for a platform's customers. */
  isInternal?: true;
}

const ITEMS: readonly NavigationItem[] = [
  { to: '/', label: 'Overview', icon: IconLayoutDashboard, scope: 'deliveries:read' },
  { to: '/subscriptions', label: 'Subscriptions', icon: IconWebhook, scope: 'integrations:read' },
  { to: '/events', label: 'Events', icon: IconActivity, scope: 'events:read' },
  { to: '/deliveries', label: 'Deliveries', icon: IconSend, scope: 'deliveries:read' },
  { to: '/live', label: 'Live tail', icon: IconBroadcast, scope: 'events:read' },
  { to: '/catalogue', label: 'Event catalogue', icon: IconBook2, scope: 'events:read' },
  {
    to: '/jobs',
    label: 'Replays and erasures',
    icon: IconPlayerTrackNext,
    scope: 'deliveries:read',
    isInternal: true,
  },
  { to: '/tokens', label: 'Tokens', icon: IconKey, scope: 'workspace:read', isInternal: true },
  { to: '/audit', label: 'Audit log', icon: IconHistory, scope: 'audit:read', isInternal: true },
  { to: '/settings', label: 'Settings', icon: IconSettings, scope: 'workspace:read', isInternal: true },
];

/** Whether a page is none of the portal's: its customers would see only that they may not. */
export function isInternal(path: string): boolean {
  return ITEMS.some((item) => item.isInternal === true && item.to === path.replace(/(?!^)\/$/, ''));
}

/** What there is to be seen for whoever looks. */
export function navigationOf({ scopes, kind }: Access): NavigationItem[] {
  return ITEMS.filter(
    ({ scope, isInternal }) => scopes.includes(scope) && !(kind === 'portal' && isInternal === true),
  );
}
