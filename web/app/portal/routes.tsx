// Every page of the portal and its address. What is in the address is what is shown.
import type {QueryClient} from '@tanstack/react-query';
import {createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent} from '@tanstack/react-router';
import {getProduct, listProducts} from '../api/queries/catalog.ts';
import {getMerchantOverview} from '../api/queries/merchants.ts';
import {getOrder, listOrders} from '../api/queries/orders.ts';
import {getSession} from '../api/session.ts';
import {Broken, Missing} from '../domain/Broken.tsx';
import {cursor, searching} from '../domain/filters.ts';
import {Landing, SignedIn} from '../domain/Landing.tsx';
import {Root} from '../domain/Root.tsx';
import {usual, warm, type Context} from '../domain/routing.ts';
import {Frame} from './frame/Frame.tsx';
import {goodsFilters, goodsQuery} from './pages/goods/filters.ts';
import {moneyFilters} from './pages/money/filters.ts';
import {orderFilters, orderQuery} from './pages/orders/filters.ts';

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
    const mine = context.queries.getQueryData(getSession(params.tenant).queryKey)?.membership?.merchant_id;
    if (mine !== undefined) warm(context, params.tenant, 'getMerchantOverview', getMerchantOverview(params.tenant, mine) as never);
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

const goods = createRoute({
  getParentRoute: () => tenant, path: '/goods', component: lazyRouteComponent(() => import('./pages/goods/GoodsList.tsx'), 'GoodsList'),
  validateSearch: searching(goodsFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listProducts', listProducts(params.tenant, goodsQuery(deps)) as never),
});

const product = createRoute({
  getParentRoute: () => tenant, path: '/goods/$product', component: lazyRouteComponent(() => import('./pages/goods/GoodsPage.tsx'), 'GoodsPage'),
  loader: ({context, params}) => warm(context, params.tenant, 'getProduct', getProduct(params.tenant, params.product) as never),
});

const money = createRoute({getParentRoute: () => tenant, path: '/money', component: lazyRouteComponent(() => import('./pages/money/MoneyPage.tsx'), 'MoneyPage'), validateSearch: searching(moneyFilters)});

const cursorOnly = {cursor} as const;
const me = createRoute({getParentRoute: () => tenant, path: '/me', component: lazyRouteComponent(() => import('./pages/me/MePage.tsx'), 'MePage')});
const tasks = createRoute({getParentRoute: () => tenant, path: '/tasks', component: lazyRouteComponent(() => import('./pages/me/FileList.tsx'), 'FileList'), validateSearch: searching(cursorOnly)});

const missing = createRoute({getParentRoute: () => tenant, path: '$', component: Missing});

const tree = root.addChildren([landing, signedIn, tenant.addChildren([home, orders, order, goods, product, money, me, tasks, missing])]);

export const makeRouter = (queries: QueryClient) => createRouter({routeTree: tree, basepath: '/portal', context: {queries}, ...usual});

declare module '@tanstack/react-router' {
  interface Register {router: ReturnType<typeof makeRouter>}
}
