import type {Pair} from './texts.ts';

const zh = {
  money: '资金', unsettled: '待结算', frozen: '冻结待分', settled: '已到账', refunded: '今天退款', views: {collected: '我收的款', parts: '分给我的', refunds: '退款'} as Record<'collected' | 'parts' | 'refunds', string>, view: '查看',
  time: '时间', order: '订单', settlement: '结算', split: '分账', amount: '金额', kept: '留给你', status: '状态', reason: '原因', account: '入账账号', back: '退回',
  noCollected: '还没有由你收款的订单', noCollectedTodo: '买家付款后，每单的结算和分账会列在这里。', noParts: '还没有分给你的钱', noPartsTodo: '其他商户收款的订单分给你时，会列在这里。', noRefunds: '没有退款', noRefundsTodo: '平台退款给买家后，会列在这里。', noneOfStatus: '没有符合条件的记录', noneOfStatusTodo: '换一个状态再看。',
  done: '完成', outside: '在支付宝侧退款',
};

const en: typeof zh = {
  money: 'Money', unsettled: 'To be settled', frozen: 'Frozen until split', settled: 'With you', refunded: 'Refunded today', views: {collected: 'Paid to me', parts: 'Shared with me', refunds: 'Refunds'}, view: 'View',
  time: 'Time', order: 'Order', settlement: 'Settlement', split: 'Split', amount: 'Amount', kept: 'Yours', status: 'Status', reason: 'Reason', account: 'Account', back: 'Returned',
  noCollected: 'No order was paid to you yet', noCollectedTodo: 'The settlement and split of each order are listed here once it is paid.', noParts: 'Nothing was shared with you yet', noPartsTodo: 'Your parts of orders that others are paid for are listed here.', noRefunds: 'No refunds', noRefundsTodo: 'What the platform gives back to buyers is listed here.', noneOfStatus: 'Nothing is like that', noneOfStatusTodo: 'Look at another status.',
  done: 'Done', outside: 'Made at Alipay',
};

export const portalMoney: Pair<typeof zh> = {zh, en};
