import type {Schema} from '../api/client.ts';
import {grouped, plural, type Pair} from './texts.ts';

type Kind = Schema<'Todo'>['kind'];
type Case = Schema<'CaseKind'>;

const zh = {
  home: '首页', today: '今天', turnover: '成交额', orders: '订单', success: '支付成功率', refunds: '退款', noFigure: '—',
  more: (p: string) => `+${p}`, sameHours: '与上周同日同时段相比', asOf: '数据截至', chartOf: (what: string) => `${what}：今天按小时，虚线为上周同日`,
  todos: '待办', calm: '没有需要处理的事', calmTodo: '出现被拒的分账、待审批或库存不足时，会列在这里。', look: '去看',
  funnel: '今天的订单', created: '下单', paid: '付款', delivered: '发货', split: '分账', of: (n: number) => `${grouped(n)} 单`,
  stages: '资金所处阶段', unsettled: '待结算', frozen: '冻结待分', settled: '已结算给商户', commission: '平台佣金', others: '其他商户',
  topProducts: '近 7 天商品', topMerchants: '近 7 天商户', noSales: '还没有成交。',
  steps: '开始使用', stepsLead: '从连接支付宝到第一笔发货，几分钟走一遍。', guide: '查看指南', noFigures: '你的角色不能查看经营数据',
  kinds: {case: '工单', split_refused: '分账被拒', freeze_ending: '冻结资金三天内到期', endpoint_failing: '通知地址投递失败', stock_low: '商品库存不足', application_awaiting_signature: '进件等待签约', application_rejected: '进件被驳回', approval_waiting: '等你审批'} as Record<Kind, string>,
  cases: {amount_mismatch: '金额不符', seller_mismatch: '收款方不符', foreign_notice: '无法识别的通知', paid_after_close: '关闭后付款', undeliverable: '无法发货', split_refused: '分账被拒', settle_suspended: '结算被暂停', refund_refused: '退款被拒', refund_incomplete: '退款未完成', unknown_too_long: '结果长时间不明', smid_taken: '商户号被占用', webhook_disabled: '通知地址已停用', notice_route_failing: '通知渠道失败', outside_refund: '在支付宝侧退款', refund_mismatch: '退款不符', settlement_mismatch: '结算不符', split_mismatch: '分账不符', close_mismatch: '关闭状态不符'} as Record<Case, string>,
};

const en: typeof zh = {
  home: 'Home', today: 'Today', turnover: 'Turnover', orders: 'Orders', success: 'Paid of created', refunds: 'Refunds', noFigure: '—',
  more: p => `+${p}`, sameHours: 'against the same hours of last week', asOf: 'As of', chartOf: what => `${what}: today by hour; dashed, the same day of last week`,
  todos: 'Needs you', calm: 'Nothing waits for you', calmTodo: 'A refused split, an approval or low stock is listed here.', look: 'Look',
  funnel: 'Orders of today', created: 'Created', paid: 'Paid', delivered: 'Delivered', split: 'Split', of: n => plural(n, 'order', 'orders'),
  stages: 'Where the money is', unsettled: 'To be settled', frozen: 'Frozen until split', settled: 'With merchants', commission: 'Platform', others: 'Other merchants',
  topProducts: 'Products, 7 days', topMerchants: 'Merchants, 7 days', noSales: 'Nothing was sold yet.',
  steps: 'First steps', stepsLead: 'From the connection to the first delivery in a few minutes.', guide: 'Read the guide', noFigures: 'Your role does not read figures',
  kinds: {case: 'Cases', split_refused: 'Refused splits', freeze_ending: 'Frozen money that is freed within three days', endpoint_failing: 'Failing webhook endpoints', stock_low: 'Products low on stock', application_awaiting_signature: 'Applications to be signed', application_rejected: 'Rejected applications', approval_waiting: 'Approvals that wait for you'},
  cases: {amount_mismatch: 'Another amount', seller_mismatch: 'Another payee', foreign_notice: 'Notices of nobody’s', paid_after_close: 'Paid after closing', undeliverable: 'Cannot be delivered', split_refused: 'Refused splits', settle_suspended: 'Settlement suspended', refund_refused: 'Refused refunds', refund_incomplete: 'Incomplete refunds', unknown_too_long: 'Outcome unknown for long', smid_taken: 'Merchant number taken', webhook_disabled: 'Endpoint disabled', notice_route_failing: 'Failing notices', outside_refund: 'Refunds made at Alipay', refund_mismatch: 'Refund differs', settlement_mismatch: 'Settlement differs', split_mismatch: 'Split differs', close_mismatch: 'Closing differs'},
};

export const home: Pair<typeof zh> = {zh, en};
