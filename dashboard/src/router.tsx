import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
} from '@tanstack/react-router';
import { BrokenPage } from './shell/broken-page.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';

/** Filters of a list are in its address, so that what was found can be passed on. */
type Filters<Name extends string> = Partial<Record<Name, string>>;

function filters<const Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): Filters<Name> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = search[name];
        return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [];
      }),
    ) as Filters<Name>;
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const page = <const Path extends string>(path: Path) => ({ getParentRoute: () => root, path });

const routes = root.addChildren([
  createRoute({
    ...page('/'),
    validateSearch: filters('window'),
    component: lazyRouteComponent(() => import('./pages/overview/overview.tsx'), 'Overview'),
  }),
  createRoute({
    ...page('/subscriptions'),
    validateSearch: filters('search', 'active', 'eventType', 'page'),
    component: lazyRouteComponent(() => import('./pages/subscriptions/list.tsx'), 'SubscriptionList'),
  }),
  createRoute({
    ...page('/subscriptions/new'),
    validateSearch: filters('eventType'),
    component: lazyRouteComponent(() => import('./pages/subscriptions/create.tsx'), 'CreateSubscription'),
  }),
  createRoute({
    ...page('/subscriptions/$id'),
    validateSearch: filters('tab'),
    component: lazyRouteComponent(() => import('./pages/subscriptions/detail.tsx'), 'SubscriptionDetail'),
  }),
  createRoute({
    ...page('/subscriptions/$id/edit'),
    component: lazyRouteComponent(() => import('./pages/subscriptions/edit.tsx'), 'EditSubscription'),
  }),
  createRoute({
    ...page('/events'),
    validateSearch: filters('eventType', 'state', 'since', 'until'),
    component: lazyRouteComponent(() => import('./pages/events/list.tsx'), 'EventList'),
  }),
  createRoute({
    ...page('/events/$id'),
    component: lazyRouteComponent(() => import('./pages/events/detail.tsx'), 'EventDetail'),
  }),
  createRoute({
    ...page('/deliveries'),
    validateSearch: filters('eventType', 'state', 'subscriptionId', 'statusCode', 'since', 'until'),
    component: lazyRouteComponent(() => import('./pages/deliveries/list.tsx'), 'DeliveryList'),
  }),
  createRoute({
    ...page('/deliveries/$id'),
    component: lazyRouteComponent(() => import('./pages/deliveries/detail.tsx'), 'DeliveryDetail'),
  }),
  createRoute({
    ...page('/live'),
    validateSearch: filters('kinds', 'eventTypes', 'subscriptionId'),
    component: lazyRouteComponent(() => import('./pages/live/live-tail.tsx'), 'LiveTail'),
  }),
  createRoute({
    ...page('/catalogue'),
    validateSearch: filters('search'),
    component: lazyRouteComponent(() => import('./pages/catalogue/list.tsx'), 'Catalogue'),
  }),
  createRoute({
    ...page('/catalogue/$name'),
    component: lazyRouteComponent(() => import('./pages/catalogue/event-type.tsx'), 'EventTypePage'),
  }),
  createRoute({
    ...page('/jobs'),
    component: lazyRouteComponent(() => import('./pages/jobs/jobs.tsx'), 'Jobs'),
  }),
  createRoute({
    ...page('/tokens'),
    component: lazyRouteComponent(() => import('./pages/tokens/tokens.tsx'), 'Tokens'),
  }),
  createRoute({
    ...page('/audit'),
    validateSearch: filters('action', 'targetId'),
    component: lazyRouteComponent(() => import('./pages/audit/audit.tsx'), 'Audit'),
  }),
  createRoute({
    ...page('/settings'),
    component: lazyRouteComponent(() => import('./pages/settings/settings.tsx'), 'SettingsPage'),
  }),
]);

export function createPages(place: { basepath?: string; history?: RouterHistory }) {
  return createRouter({
    ...place,
    routeTree: routes,
    defaultPreload: 'intent',
    // Another delivery is another page: nothing of the one before is left in it.
    defaultRemountDeps: ({ params }) => params,
    defaultErrorComponent: BrokenPage,
    scrollRestoration: place.history === undefined,
    // Filters are words: not JSON in an address that somebody reads.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
      return given.length === 0
        ? ''
        : `?${new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString()}`;
    },
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPages>;
  }
}
