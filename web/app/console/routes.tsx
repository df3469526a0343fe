// Every page of the console and its address. What is in the address is what is shown.
import type {QueryClient} from '@tanstack/react-query';
import {createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent} from '@tanstack/react-router';
import {getSession, sessionOf} from '../api/session.ts';
import type {Operation} from '../api/client.ts';
import {listApprovals} from '../api/queries/approvals.ts';
import {getOrder, listOrders, listRefunds} from '../api/queries/orders.ts';
import {getOverview, listTodos} from '../api/queries/overview.ts';
import {listTasks} from '../api/queries/tasks.ts';
import {searching} from '../domain/filters.ts';
import {Broken, Missing} from './frame/Broken.tsx';
import {Frame} from './frame/Frame.tsx';
import {Landing, SignedIn} from './frame/Landing.tsx';
import {Root} from './frame/Root.tsx';
import {approvalFilters, approvalQuery} from './pages/approvals/filters.ts';
import {eventFilters} from './pages/events/filters.ts';
import {cursorOnly} from './pages/developers/filters.ts';
import {orderFilters, orderQuery, refundFilters, refundQuery} from './pages/orders/filters.ts';
import {taskFilters, taskQuery} from './pages/tasks/filters.ts';

interface Context {queries: QueryClient}

// warm begins to read what a page will show, if the role may read it: on the way to the page, and when the pointer rests on a link to it.
function warm({queries}: Context, tenant: string, operation: Operation, options: Parameters<QueryClient['prefetchQuery']>[0]): void {
  const told = queries.getQueryData(getSession(tenant).queryKey);
  if (told !== undefined && sessionOf(told)?.can(operation)) void queries.prefetchQuery(options);
}

const root = createRootRouteWithContext<Context>()({component: Root, notFoundComponent: Missing, errorComponent: Broken});

const landing = createRoute({getParentRoute: () => root, path: '/', component: Landing});
const signedIn = createRoute({getParentRoute: () => root, path: '/signed-in', component: SignedIn});

const tenant = createRoute({
  getParentRoute: () => root, path: '/$tenant', component: Frame, errorComponent: Broken,
  beforeLoad: async ({context, params}) => { await context.queries.ensureQueryData(getSession(params.tenant)); },
});

const home = createRoute({
  getParentRoute: () => tenant, path: '/', component: lazyRouteComponent(() => import('./pages/home/HomePage.tsx'), 'HomePage'),
  loader: ({context, params}) => {
    warm(context, params.tenant, 'getOverview', getOverview(params.tenant) as never);
    warm(context, params.tenant, 'listTodos', listTodos(params.tenant) as never);
  },
});

const orders = createRoute({
  getParentRoute: () => tenant, path: '/orders', component: lazyRouteComponent(() => import('./pages/orders/OrderList.tsx'), 'OrderList'),
  validateSearch: searching(orderFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listOrders', listOrders(params.tenant, orderQuery(deps)) as never),
});

const order = createRoute({
  getParentRoute: () => tenant, path: '/orders/$order', component: lazyRouteComponent(() => import('./pages/orders/OrderPage.tsx'), 'OrderPage'),
  loader: ({context, params}) => warm(context, params.tenant, 'getOrder', getOrder(params.tenant, params.order) as never),
});

const refunds = createRoute({
  getParentRoute: () => tenant, path: '/refunds', component: lazyRouteComponent(() => import('./pages/orders/RefundList.tsx'), 'RefundList'),
  validateSearch: searching(refundFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listRefunds', listRefunds(params.tenant, refundQuery(deps)) as never),
});

const tasks = createRoute({
  getParentRoute: () => tenant, path: '/tasks', component: lazyRouteComponent(() => import('./pages/tasks/TaskList.tsx'), 'TaskList'),
  validateSearch: searching(taskFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listTasks', listTasks(params.tenant, taskQuery(deps)) as never),
});

const approvals = createRoute({
  getParentRoute: () => tenant, path: '/approvals', component: lazyRouteComponent(() => import('./pages/approvals/ApprovalList.tsx'), 'ApprovalList'),
  validateSearch: searching(approvalFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listApprovals', listApprovals(params.tenant, approvalQuery(deps)) as never),
});

const approval = createRoute({
  getParentRoute: () => tenant, path: '/approvals/$approval', component: lazyRouteComponent(() => import('./pages/approvals/ApprovalPage.tsx'), 'ApprovalPage'),
});

const keys = createRoute({
  getParentRoute: () => tenant, path: '/keys', component: lazyRouteComponent(() => import('./pages/developers/KeyList.tsx'), 'KeyList'), validateSearch: searching(cursorOnly),
});
const newKey = createRoute({getParentRoute: () => tenant, path: '/keys/new', component: lazyRouteComponent(() => import('./pages/developers/KeyForm.tsx'), 'KeyForm')});
const key = createRoute({getParentRoute: () => tenant, path: '/keys/$key', component: lazyRouteComponent(() => import('./pages/developers/KeyPage.tsx'), 'KeyPage')});
const webhooks = createRoute({
  getParentRoute: () => tenant, path: '/webhooks', component: lazyRouteComponent(() => import('./pages/developers/EndpointList.tsx'), 'EndpointList'), validateSearch: searching(cursorOnly),
});
const endpoint = createRoute({
  getParentRoute: () => tenant, path: '/webhooks/$endpoint', component: lazyRouteComponent(() => import('./pages/developers/EndpointPage.tsx'), 'EndpointPage'), validateSearch: searching(cursorOnly),
});
const attempt = createRoute({getParentRoute: () => tenant, path: '/webhooks/$endpoint/attempts/$attempt', component: lazyRouteComponent(() => import('./pages/developers/AttemptPage.tsx'), 'AttemptPage')});
const events = createRoute({
  getParentRoute: () => tenant, path: '/events', component: lazyRouteComponent(() => import('./pages/events/EventList.tsx'), 'EventList'), validateSearch: searching(eventFilters),
});
const event = createRoute({getParentRoute: () => tenant, path: '/events/$event', component: lazyRouteComponent(() => import('./pages/events/EventPage.tsx'), 'EventPage')});

const missing = createRoute({getParentRoute: () => tenant, path: '$', component: Missing});

const tree = root.addChildren([landing, signedIn, tenant.addChildren([home, orders, order, refunds, tasks, approvals, approval, keys, newKey, key, webhooks, endpoint, attempt, events, event, missing])]);

// An address is written as people write it: names and values, nothing quoted.
const plainSearch = {
  parseSearch: (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search: Record<string, unknown>): string => {
    const set = Object.entries(search).filter((e): e is [string, string] => typeof e[1] === 'string' && e[1] !== '');
    return set.length === 0 ? '' : '?' + new URLSearchParams(set).toString();
  },
};

export const makeRouter = (queries: QueryClient) => createRouter({
  routeTree: tree, basepath: '/console', context: {queries}, defaultPreload: 'intent', defaultPreloadStaleTime: 0, scrollRestoration: true, ...plainSearch,
});

declare module '@tanstack/react-router' {
  interface Register {router: ReturnType<typeof makeRouter>}
}
