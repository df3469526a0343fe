// What there is to go to: an area is shown if one of its pages is, a page if the role may read it. A new page adds a line here and a route in routes.tsx.
import {ArrowLeftRight, BellRing, Cable, ChartPie, ClipboardCheck, FileClock, GitFork, House, KeyRound, ListTodo, Package, Palette, ReceiptText, ScrollText, Settings2, ShieldCheck, Store, TriangleAlert, Undo2, UsersRound, Webhook, type LucideIcon} from 'lucide-react';
import type {Operation} from '../../api/client.ts';
import type {frame} from '../../i18n/frame.ts';

export interface Destination {
  to: '/$tenant' | '/$tenant/orders' | '/$tenant/refunds' | '/$tenant/tasks' | '/$tenant/approvals'
    | '/$tenant/keys' | '/$tenant/webhooks' | '/$tenant/events'
    | '/$tenant/merchants' | '/$tenant/products' | '/$tenant/rules' | '/$tenant/splits' | '/$tenant/cases'
    | '/$tenant/members' | '/$tenant/roles' | '/$tenant/audit' | '/$tenant/platform'
    | '/$tenant/alipay' | '/$tenant/requests' | '/$tenant/notices' | '/$tenant/brand';
  text: 'home' | 'orders' | 'refunds' | 'tasks' | 'approvals' | 'keysPage' | 'webhooks' | 'events'
    | 'merchants' | 'products' | 'rules' | 'splits' | 'cases' | 'members' | 'roleMatrix' | 'audit' | 'platform'
    | 'alipay' | 'requests' | 'notices' | 'brand';
  icon: LucideIcon;
  reads: Operation; // without the right to it there is nothing to see
  key?: string; // after g
}

export interface Area {name?: keyof (typeof frame)['zh'] & ('trade' | 'supply' | 'work' | 'developers' | 'settings'); pages: readonly Destination[]}

export const navigation: readonly Area[] = [
  {pages: [{to: '/$tenant', text: 'home', icon: House, reads: 'getSession', key: 'h'}]},
  {name: 'trade', pages: [
    {to: '/$tenant/orders', text: 'orders', icon: ReceiptText, reads: 'listOrders', key: 'o'},
    {to: '/$tenant/refunds', text: 'refunds', icon: Undo2, reads: 'listRefunds', key: 'r'},
    {to: '/$tenant/splits', text: 'splits', icon: GitFork, reads: 'listSplits', key: 's'},
  ]},
  {name: 'supply', pages: [
    {to: '/$tenant/merchants', text: 'merchants', icon: Store, reads: 'listMerchants', key: 'm'},
    {to: '/$tenant/products', text: 'products', icon: Package, reads: 'listProducts', key: 'p'},
    {to: '/$tenant/rules', text: 'rules', icon: ChartPie, reads: 'listSplitRules', key: 'f'},
  ]},
  {name: 'work', pages: [
    {to: '/$tenant/cases', text: 'cases', icon: TriangleAlert, reads: 'listCases', key: 'c'},
    {to: '/$tenant/approvals', text: 'approvals', icon: ClipboardCheck, reads: 'listApprovals', key: 'a'},
    {to: '/$tenant/tasks', text: 'tasks', icon: ListTodo, reads: 'listTasks', key: 't'},
  ]},
  {name: 'developers', pages: [
    {to: '/$tenant/keys', text: 'keysPage', icon: KeyRound, reads: 'listAPIKeys', key: 'k'},
    {to: '/$tenant/webhooks', text: 'webhooks', icon: Webhook, reads: 'listWebhookEndpoints', key: 'w'},
    {to: '/$tenant/events', text: 'events', icon: ScrollText, reads: 'listEvents', key: 'e'},
    {to: '/$tenant/requests', text: 'requests', icon: ArrowLeftRight, reads: 'listRequests', key: 'q'},
  ]},
  {name: 'settings', pages: [
    {to: '/$tenant/alipay', text: 'alipay', icon: Cable, reads: 'getAlipayConnection'},
    {to: '/$tenant/notices', text: 'notices', icon: BellRing, reads: 'listNoticeRoutes', key: 'n'},
    {to: '/$tenant/members', text: 'members', icon: UsersRound, reads: 'listMembers', key: 'u'},
    {to: '/$tenant/roles', text: 'roleMatrix', icon: ShieldCheck, reads: 'listRoles'},
    {to: '/$tenant/audit', text: 'audit', icon: FileClock, reads: 'listAuditLog', key: 'l'},
    {to: '/$tenant/brand', text: 'brand', icon: Palette, reads: 'getShop'},
    {to: '/$tenant/platform', text: 'platform', icon: Settings2, reads: 'getTenant'},
  ]},
];

export const shownTo = (can: (o: Operation) => boolean): Area[] =>
  navigation.map(a => ({...a, pages: a.pages.filter(p => p.to === '/$tenant' || can(p.reads))})).filter(a => a.pages.length > 0);
