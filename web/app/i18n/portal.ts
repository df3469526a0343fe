// What a merchant's people read in the portal: the frame and the home page.
import type {Schema} from '../api/client.ts';
import {grouped, plural, type Pair} from './texts.ts';

type Stands = Schema<'ApplicationStatus'> | 'none';

const zh = {
  home: '首页', orders: '订单', goods: '商品', money: '资金', me: '我的',
  both: '可以收款，也可以接收分账', collects: '可以收款', receives: '可以接收分账', cannot: (n: number) => `还不能收款，还差 ${n} 项`,
  paused: '平台已暂停你的收款', pausedTodo: '不会有新订单由你收款。已有订单照常发货、结算和分账。请联系平台。',
  applied: {none: '还没有进件：请把资料交给平台', draft: '进件资料还没有提交', submitted: '进件已提交，等支付宝审核', in_review: '支付宝正在审核进件', awaiting_signature: '进件已审核，等你用支付宝签约', approved: '进件已通过，等支付宝开通', rejected: '进件被支付宝驳回，请联系平台'} as Record<Stands, string>,
  noReceiver: '还没有绑定分账账号：请联系平台设置', sign: '去签约', details: '查看进件',
  turnover: '今天成交', paidToday: '今天订单', refundedToday: '今天退款', toCome: '待结算和分账', until: (day: string) => `最早一批最晚 ${day} 放款`, chartOf: (what: string) => `${what}：按小时，虚线为上周同日`, asOf: '数据截至',
  latest: '最近的订单', noOrders: '还没有由你收款的订单。', allOrders: '全部订单', lowStock: (n: number) => `${grouped(n)} 种商品快卖完了`, left: (name: string, n: number) => `${name} 剩 ${grouped(n)} 张`, restock: '去补货', look: '去看', andMore: (n: number) => `等 ${n} 种`,
  held: '冻结待分的钱', heldLead: '分账完成后解冻；支付宝最晚在这些日子放款。', ofOrders: (n: number) => `${grouped(n)} 单`,
};

const en: typeof zh = {
  home: 'Home', orders: 'Orders', goods: 'Goods', money: 'Money', me: 'Me',
  both: 'You can be paid, and receive parts', collects: 'You can be paid', receives: 'You can receive parts', cannot: n => `You cannot be paid yet: ${plural(n, 'thing is', 'things are')} missing`,
  paused: 'The platform has paused your payments', pausedTodo: 'No new order is paid to you. Existing orders are delivered, settled and split as ever. Ask the platform.',
  applied: {none: 'No application yet: give the platform your papers', draft: 'The application is not submitted yet', submitted: 'Submitted: Alipay decides', in_review: 'Alipay looks at the application', awaiting_signature: 'Approved: sign it with your Alipay', approved: 'Approved: Alipay opens the account', rejected: 'Alipay has rejected the application: ask the platform'},
  noReceiver: 'No account for your parts: ask the platform to set it', sign: 'Sign', details: 'See the application',
  turnover: 'Sold today', paidToday: 'Orders today', refundedToday: 'Refunded today', toCome: 'To be settled and split', until: day => `the first by ${day}`, chartOf: what => `${what}: by hour; dashed, the same day of last week`, asOf: 'As of',
  latest: 'Latest orders', noOrders: 'No order was paid to you yet.', allOrders: 'All orders', lowStock: n => `${plural(n, 'product is', 'products are')} nearly sold out`, left: (name, n) => `${name}: ${grouped(n)} left`, restock: 'Restock', look: 'Look', andMore: n => `and ${n} more`,
  held: 'Frozen until split', heldLead: 'It is freed by its split; Alipay pays it out on these days at the latest.', ofOrders: n => plural(n, 'order', 'orders'),
};

export const portal: Pair<typeof zh> = {zh, en};
