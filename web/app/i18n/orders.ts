import {plural, type Pair} from './texts.ts';

const zh = {
  orders: '订单', refunds: '退款', time: '时间', number: '单号', product: '商品', merchant: '收款商户', status: '状态', paid: '实付', amount: '金额', reason: '原因', order: '订单',
  noNumber: '无外部单号', andMore: (n: number) => `等 ${n} 种`, items: (name: string, quantity: number) => `${name} × ${quantity}`,
  days: '日期', reference: '外部单号', trade: '支付宝交易号', contact: '买家联系方式', outTrade: '商户订单号',
  none: '没有符合条件的订单', noneTodo: '去掉一些筛选条件，或用搜索查找单号。', never: '还没有订单', neverTodo: '用接口创建第一个订单，或把商品链接发给买家。', toDocs: '看接入指南',
  noRefunds: '没有退款', noRefundsTodo: '在订单页发起退款后，会显示在这里。',
  history: '经过', all: '全部', money: '资金', notices: '通知', people: '人员', truncated: '只显示最早一条和最新的若干条。', moneyTitle: '资金', facts: '概况', goods: '商品',
  buyer: '买家', channel: '渠道', qr: '扫码', page: '收银台', created: '下单', paidAt: '付款', deliveredAt: '发货', closedAt: '关闭', expires: '付款截止', id: '订单编号', payment: '支付状态',
  total: '订单金额', refunded: '已退款', platform: '平台', settlement: '结算', split: '分账', returned: (amount: string) => `退回 ${amount}`, noSplit: '付款后显示结算和分账。',
  refund: '退款', refundOf: (amount: string) => `退款 ${amount}`, close: '关闭订单', closeLead: '关闭支付宝交易并释放卡密。若已付款则不会关闭。', closed: '订单已关闭', keep: '不关闭',
  resend: '重发通知', resendLead: '选择要重新发送的事件，会发送到所有接收该类型的地址。', resent: '已重新发送', noEvents: '没有可重发的事件。', retry: '重试分账', retried: '已重新发起分账',
  refundLead: (amount: string) => `买家将收回 ${amount}。已分出的钱由接收方退回，已发出的卡密作废。`, plan: '谁退回多少', party: '方', has: '已得', gives: '退回', after: '之后', toBuyer: '退给买家', canRefund: '可以退款', splitUnderWay: '分账正在进行，完成后显示谁退回多少。', refundId: '退款编号', refundReason: '退款原因', refundReasonHelp: '买家和你的记录中可见',
  reasons: ['买家不想要了', '卡密无法使用', '重复购买', '发货太慢'] as string[],
  submit: '提交审批', needsApproval: '金额超过平台限额，需要另一人批准。', submitted: '已提交审批，等另一人批准', toApproval: '查看审批', refunding: '已提交，等支付宝答复', succeeded: '退款成功', refused: '支付宝拒绝了退款', unknown: '还不知道结果。结果到达前不要重复退款。',
  origin: '来源', outside: '在支付宝侧', ours: '平台',
  count: (n: number) => `${n} 件`,
};

const en: typeof zh = {
  orders: 'Orders', refunds: 'Refunds', time: 'Time', number: 'Number', product: 'Product', merchant: 'Merchant of record', status: 'Status', paid: 'Amount', amount: 'Amount', reason: 'Reason', order: 'Order',
  noNumber: 'No number of yours', andMore: n => `and ${n - 1} more`, items: (name, quantity) => `${name} × ${quantity}`,
  days: 'Date', reference: 'Your number', trade: 'Alipay trade number', contact: 'Buyer’s contact', outTrade: 'out_trade_no',
  none: 'No order is like that', noneTodo: 'Remove some filters, or find a number by search.', never: 'No orders yet', neverTodo: 'Create the first by the API, or send a buyer the link of a product.', toDocs: 'Read the guide',
  noRefunds: 'No refunds', noRefundsTodo: 'A refund that is made on the page of an order is shown here.',
  history: 'What happened', all: 'All', money: 'Money', notices: 'Notices', people: 'People', truncated: 'Only the first and the newest entries are shown.', moneyTitle: 'Money', facts: 'Facts', goods: 'Goods',
  buyer: 'Buyer', channel: 'Channel', qr: 'QR code', page: 'Cashier', created: 'Created', paidAt: 'Paid', deliveredAt: 'Delivered', closedAt: 'Closed', expires: 'To be paid by', id: 'Order id', payment: 'Payment',
  total: 'Total', refunded: 'Refunded', platform: 'Platform', settlement: 'Settlement', split: 'Split', returned: amount => `${amount} returned`, noSplit: 'Settlement and split are shown once it is paid.',
  refund: 'Refund', refundOf: amount => `Refund ${amount}`, close: 'Close order', closeLead: 'Closes the trade at Alipay and frees the card keys. An order that turns out to be paid is not closed.', closed: 'The order is closed', keep: 'Keep it open',
  resend: 'Send notices again', resendLead: 'Choose an event. It goes to every endpoint that takes its type.', resent: 'Sent again', noEvents: 'There is no event to send.', retry: 'Retry the split', retried: 'The split was started again',
  refundLead: amount => `The buyer gets ${amount} back. What was split returns from its receivers; delivered card keys become void.`, plan: 'Who gives back how much', party: 'Who', has: 'Has', gives: 'Gives back', after: 'After', toBuyer: 'To the buyer', canRefund: 'It can be refunded', splitUnderWay: 'The split is under way. Who gives back how much is shown once it is done.', refundId: 'Refund id', refundReason: 'Reason', refundReasonHelp: 'The buyer and your records see it',
  reasons: ['No longer wanted', 'The card key does not work', 'Bought twice', 'Delivered too late'],
  submit: 'Ask for approval', needsApproval: 'It is above the limit of the platform: another person has to approve it.', submitted: 'Asked for; another person decides', toApproval: 'See the approval', refunding: 'Sent, waiting for Alipay', succeeded: 'Refunded', refused: 'Alipay refused the refund', unknown: 'What came of it is not known yet. Do not refund again before it is.',
  origin: 'Made', outside: 'At Alipay', ours: 'Here',
  count: n => plural(n, 'item', 'items'),
};

export const orders: Pair<typeof zh> = {zh, en};
