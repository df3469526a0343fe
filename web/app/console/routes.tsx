// Every page of the console and its address. What is in the address is what is shown.
import type {QueryClient} from '@tanstack/react-query';
import {createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent} from '@tanstack/react-router';
import {getSession} from '../api/session.ts';
import {listApprovals} from '../api/queries/approvals.ts';
import {getProduct, listCardKeys, listProducts} from '../api/queries/catalog.ts';
import {getCase, listCases} from '../api/queries/cases.ts';
import {getApplication, getMerchant, listMerchants} from '../api/queries/merchants.ts';
import {getOrder, listOrders, listRefunds} from '../api/queries/orders.ts';
import {getOverview, listTodos} from '../api/queries/overview.ts';
import {getSplitRule, listSplitRules} from '../api/queries/rules.ts';
import {listSplits} from '../api/queries/splits.ts';
import {listTasks} from '../api/queries/tasks.ts';
import {Broken, Missing} from '../domain/Broken.tsx';
import {searching} from '../domain/filters.ts';
import {Landing, SignedIn} from '../domain/Landing.tsx';
import {Root} from '../domain/Root.tsx';
import {usual, warm, type Context} from '../domain/routing.ts';
import {Frame} from './frame/Frame.tsx';
import {approvalFilters, approvalQuery} from './pages/approvals/filters.ts';
import {eventFilters} from './pages/events/filters.ts';
import {cursorOnly} from './pages/developers/filters.ts';
import {cardKeyFilters, cardKeyQuery, importFilters, productFilters, productQuery} from './pages/catalog/filters.ts';
import {caseFilters, caseQuery} from './pages/cases/filters.ts';
import {merchantFilters, merchantQuery} from './pages/merchants/filters.ts';
import {orderFilters, orderQuery, refundFilters, refundQuery} from './pages/orders/filters.ts';
import {noticeFilters} from './pages/notices/filters.ts';
import {requestFilters} from './pages/requests/filters.ts';
import {compared, ruleFilters, ruleQuery} from './pages/rules/filters.ts';
import {auditFilters, memberFilters, roleFilters} from './pages/settings/filters.ts';
import {splitFilters, splitQuery} from './pages/splits/filters.ts';
import {taskFilters, taskQuery} from './pages/tasks/filters.ts';

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

const merchants = createRoute({
  getParentRoute: () => tenant, path: '/merchants', component: lazyRouteComponent(() => import('./pages/merchants/MerchantList.tsx'), 'MerchantList'),
  validateSearch: searching(merchantFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listMerchants', listMerchants(params.tenant, merchantQuery(deps)) as never),
});

const merchant = createRoute({
  getParentRoute: () => tenant, path: '/merchants/$merchant', component: lazyRouteComponent(() => import('./pages/merchants/MerchantPage.tsx'), 'MerchantPage'),
  loader: ({context, params}) => warm(context, params.tenant, 'getMerchant', getMerchant(params.tenant, params.merchant) as never),
});

const application = createRoute({
  getParentRoute: () => tenant, path: '/applications/$application', component: lazyRouteComponent(() => import('./pages/merchants/ApplicationPage.tsx'), 'ApplicationPage'),
  loader: ({context, params}) => warm(context, params.tenant, 'getApplication', getApplication(params.tenant, params.application) as never),
});

const products = createRoute({
  getParentRoute: () => tenant, path: '/products', component: lazyRouteComponent(() => import('./pages/catalog/ProductList.tsx'), 'ProductList'),
  validateSearch: searching(productFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listProducts', listProducts(params.tenant, productQuery(deps)) as never),
});

const product = createRoute({
  getParentRoute: () => tenant, path: '/products/$product', component: lazyRouteComponent(() => import('./pages/catalog/ProductPage.tsx'), 'ProductPage'),
  loader: ({context, params}) => warm(context, params.tenant, 'getProduct', getProduct(params.tenant, params.product) as never),
});

const cardKeys = createRoute({
  getParentRoute: () => tenant, path: '/products/$product/card_keys', component: lazyRouteComponent(() => import('./pages/catalog/CardKeyList.tsx'), 'CardKeyList'),
  validateSearch: searching(cardKeyFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listCardKeys', listCardKeys(params.tenant, params.product, cardKeyQuery(deps)) as never),
});

const importKeys = createRoute({
  getParentRoute: () => tenant, path: '/products/$product/import', component: lazyRouteComponent(() => import('./pages/catalog/ImportPage.tsx'), 'ImportPage'), validateSearch: searching(importFilters),
});

const splits = createRoute({
  getParentRoute: () => tenant, path: '/splits', component: lazyRouteComponent(() => import('./pages/splits/SplitList.tsx'), 'SplitList'),
  validateSearch: searching(splitFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listSplits', listSplits(params.tenant, splitQuery(deps)) as never),
});

const rules = createRoute({
  getParentRoute: () => tenant, path: '/rules', component: lazyRouteComponent(() => import('./pages/rules/RuleList.tsx'), 'RuleList'),
  validateSearch: searching(ruleFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listSplitRules', listSplitRules(params.tenant, ruleQuery(deps)) as never),
});
const newRule = createRoute({getParentRoute: () => tenant, path: '/rules/new', component: lazyRouteComponent(() => import('./pages/rules/RuleForm.tsx'), 'NewRule')});
const rule = createRoute({
  getParentRoute: () => tenant, path: '/rules/$rule', component: lazyRouteComponent(() => import('./pages/rules/RulePage.tsx'), 'RulePage'), validateSearch: searching(compared),
  loader: ({context, params}) => warm(context, params.tenant, 'getSplitRule', getSplitRule(params.tenant, params.rule) as never),
});
const newVersion = createRoute({getParentRoute: () => tenant, path: '/rules/$rule/new', component: lazyRouteComponent(() => import('./pages/rules/RuleForm.tsx'), 'NewVersion')});

const cases = createRoute({
  getParentRoute: () => tenant, path: '/cases', component: lazyRouteComponent(() => import('./pages/cases/CaseList.tsx'), 'CaseList'),
  validateSearch: searching(caseFilters), loaderDeps: ({search}) => search,
  loader: ({context, params, deps}) => warm(context, params.tenant, 'listCases', listCases(params.tenant, caseQuery(deps)) as never),
});

const oneCase = createRoute({
  getParentRoute: () => tenant, path: '/cases/$case', component: lazyRouteComponent(() => import('./pages/cases/CasePage.tsx'), 'CasePage'), validateSearch: searching(caseFilters),
  loader: ({context, params}) => warm(context, params.tenant, 'getCase', getCase(params.tenant, params.case) as never),
});

const members = createRoute({
  getParentRoute: () => tenant, path: '/members', component: lazyRouteComponent(() => import('./pages/settings/MemberList.tsx'), 'MemberList'), validateSearch: searching(memberFilters),
});
const member = createRoute({getParentRoute: () => tenant, path: '/members/$member', component: lazyRouteComponent(() => import('./pages/settings/MemberPage.tsx'), 'MemberPage')});
const roleMatrix = createRoute({
  getParentRoute: () => tenant, path: '/roles', component: lazyRouteComponent(() => import('./pages/settings/RoleMatrix.tsx'), 'RoleMatrix'), validateSearch: searching(roleFilters),
});
const audit = createRoute({
  getParentRoute: () => tenant, path: '/audit', component: lazyRouteComponent(() => import('./pages/settings/AuditList.tsx'), 'AuditList'), validateSearch: searching(auditFilters),
});
const brandPage = createRoute({
  getParentRoute: () => tenant, path: '/brand', component: lazyRouteComponent(() => import('./pages/settings/BrandPage.tsx'), 'BrandPage'),
});
const platform = createRoute({getParentRoute: () => tenant, path: '/platform', component: lazyRouteComponent(() => import('./pages/settings/PlatformPage.tsx'), 'PlatformPage')});
const alipay = createRoute({getParentRoute: () => tenant, path: '/alipay', component: lazyRouteComponent(() => import('./pages/settings/AlipayPage.tsx'), 'AlipayPage')});
const alipayKeys = createRoute({getParentRoute: () => tenant, path: '/alipay/keys', component: lazyRouteComponent(() => import('./pages/settings/AlipayForm.tsx'), 'AlipayForm')});
const requests = createRoute({
  getParentRoute: () => tenant, path: '/requests', component: lazyRouteComponent(() => import('./pages/requests/RequestList.tsx'), 'RequestList'), validateSearch: searching(requestFilters),
});
const request = createRoute({getParentRoute: () => tenant, path: '/requests/$request', component: lazyRouteComponent(() => import('./pages/requests/RequestPage.tsx'), 'RequestPage')});
const notices = createRoute({
  getParentRoute: () => tenant, path: '/notices', component: lazyRouteComponent(() => import('./pages/notices/NoticePage.tsx'), 'NoticePage'), validateSearch: searching(noticeFilters),
});
const noticeRoute = createRoute({getParentRoute: () => tenant, path: '/notices/routes/$route', component: lazyRouteComponent(() => import('./pages/notices/RoutePage.tsx'), 'RoutePage')});
const noticeTemplate = createRoute({getParentRoute: () => tenant, path: '/notices/texts/$type/$language', component: lazyRouteComponent(() => import('./pages/notices/TemplatePage.tsx'), 'TemplatePage')});

const missing = createRoute({getParentRoute: () => tenant, path: '$', component: Missing});

const tree = root.addChildren([landing, signedIn, tenant.addChildren([home, orders, order, refunds, tasks, approvals, approval,
  merchants, merchant, application, products, product, cardKeys, importKeys, rules, newRule, rule, newVersion, splits, cases, oneCase,
  keys, newKey, key, webhooks, endpoint, attempt, events, event,
  members, member, roleMatrix, audit, platform, brandPage, alipay, alipayKeys,
  requests, request, notices, noticeRoute, noticeTemplate,
  missing,
])]);

export const makeRouter = (queries: QueryClient) => createRouter({
  routeTree: tree, basepath: '/console', context: {queries}, ...usual,
});

declare module '@tanstack/react-router' {
  interface Register {router: ReturnType<typeof makeRouter>}
}
