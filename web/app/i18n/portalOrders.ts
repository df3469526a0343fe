import {plural, type Pair} from './texts.ts';

const zh = {
  orders: '订单', order: '订单', none: '没有符合条件的订单', noneTodo: '去掉一些筛选条件再看。', never: '还没有订单', neverTodo: '由你收款的订单会列在这里。分给你的钱在「资金」里。', toMoney: '看资金',
  time: '时间', number: '单号', product: '商品', status: '状态', amount: '金额', days: '日期', reference: '外部单号', trade: '支付宝交易号', andMore: (n: number) => `等 ${n} 种`, items: (name: string, quantity: number) => `${name} × ${quantity}`,
  share: '你的钱', total: '买家支付', refunded: '已退款', platform: '平台', you: '你', another: '其他商户', kept: '留给你', settlement: '结算', split: '分账', returned: (amount: string) => `退回 ${amount}`, noSplit: '付款后显示结算和分账。',
  bought: '商品', refunds: '退款', facts: '概况', buyer: '买家', created: '下单', paidAt: '付款', deliveredAt: '发货', closedAt: '关闭', id: '订单编号',
};

const en: typeof zh = {
  orders: 'Orders', order: 'Order', none: 'No order is like that', noneTodo: 'Remove some filters.', never: 'No orders yet', neverTodo: 'Orders that are paid to you are listed here. What others share with you is in Money.', toMoney: 'See money',
  time: 'Time', number: 'Number', product: 'Product', status: 'Status', amount: 'Amount', days: 'Date', reference: 'Reference', trade: 'Alipay trade number', andMore: n => `and ${plural(n - 1, 'other', 'others')}`, items: (name, quantity) => `${name} × ${quantity}`,
  share: 'Your money', total: 'Paid by the buyer', refunded: 'Refunded', platform: 'Platform', you: 'You', another: 'Another merchant', kept: 'Yours', settlement: 'Settlement', split: 'Split', returned: amount => `${amount} returned`, noSplit: 'Settlement and split are shown once it is paid.',
  bought: 'Goods', refunds: 'Refunds', facts: 'Facts', buyer: 'Buyer', created: 'Created', paidAt: 'Paid', deliveredAt: 'Delivered', closedAt: 'Closed', id: 'Order id',
};

export const portalOrders: Pair<typeof zh> = {zh, en};
