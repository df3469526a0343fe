// The word of each status, by the enumeration that has it.
import type {Schema} from '../api/client.ts';
import type {Pair} from './texts.ts';

export interface Enums {
  order: Schema<'OrderStatus'>; payment: Schema<'PaymentStatus'>; refund: Schema<'RefundStatus'>; settlement: Schema<'SettlementStatus'>; split: Schema<'SplitStatus'>;
  key: 'active' | 'rolling' | 'expired' | 'revoked'; endpoint: 'enabled' | 'failing' | 'disabled'; invitation: 'open' | 'accepted' | 'expired' | 'revoked'; notice: Schema<'NoticeStatus'>;
  task: Schema<'TaskStatus'>; approval: Schema<'ApprovalStatus'>; delivery: Schema<'OrderItem'>['delivery'];
  merchant: Schema<'MerchantStatus'>; application: Schema<'ApplicationStatus'>; audit: Schema<'Requirement'>['status'];
  product: Schema<'ProductStatus'>; cardKey: Schema<'StockCardKeyStatus'>; rule: Schema<'SplitRuleStatus'>; case: Schema<'CaseStatus'>; review: Schema<'ReviewStatus'>;
}
export type Words = {[K in keyof Enums]: Record<Enums[K], string>};

const zh: Words = {
  order: {awaiting_payment: '待付款', paid: '已付款，发货中', delivered: '已发货', closed: '已关闭', refunded: '已退款', needs_review: '需核查'},
  payment: {created: '未提交', pending: '待付款', paid: '已付款', closed: '已关闭', refunded: '已退款'},
  refund: {pending: '退款中', succeeded: '已退款', refused: '被拒绝'},
  settlement: {pending: '结算中', done: '已结算', refused: '被拒绝'},
  split: {pending: '分账中', completed: '已分账', refused: '被拒绝', canceled: '已取消'},
  key: {active: '有效', rolling: '轮换中', expired: '已到期', revoked: '已吊销'}, endpoint: {enabled: '启用', failing: '投递失败', disabled: '已停用'},
  invitation: {open: '等待接受', accepted: '已加入', expired: '已过期', revoked: '已撤回'}, notice: {waiting: '待发送', merged: '已合并', sent: '已发送', failed: '失败'},
  task: {queued: '排队中', running: '进行中', succeeded: '已完成', failed: '失败', canceled: '已取消'},
  approval: {waiting: '等待审批', scheduled: '已批准，待执行', approved: '已批准', refused: '已拒绝', expired: '已过期', withdrawn: '已撤回'},
  delivery: {reserved: '已占用', queued: '待发货', delivered: '已发货', released: '已释放', void: '已作废'},
  merchant: {pending: '待进件', active: '可以收款', suspended: '已暂停'},
  application: {draft: '草稿', submitted: '已提交', in_review: '审核中', awaiting_signature: '待签约', approved: '已通过', rejected: '被驳回'},
  audit: {waiting: '等待', not_needed: '不需要', passed: '通过', rejected: '未通过'},
  product: {active: '在售', archived: '已下架'},
  cardKey: {available: '可售', reserved: '已占用', delivered: '已发出', void: '已作废'},
  rule: {active: '使用中', archived: '已归档'},
  case: {open: '待处理', closed: '已结'},
  review: {asked: '等待第二人确认', confirmed: '已生效', withdrawn: '已撤回'},
};

const en: Words = {
  order: {awaiting_payment: 'Awaiting payment', paid: 'Paid, delivering', delivered: 'Delivered', closed: 'Closed', refunded: 'Refunded', needs_review: 'Needs review'},
  payment: {created: 'Not sent', pending: 'Awaiting payment', paid: 'Paid', closed: 'Closed', refunded: 'Refunded'},
  refund: {pending: 'Refunding', succeeded: 'Refunded', refused: 'Refused'},
  settlement: {pending: 'Settling', done: 'Settled', refused: 'Refused'},
  split: {pending: 'Splitting', completed: 'Split', refused: 'Refused', canceled: 'Canceled'},
  key: {active: 'Active', rolling: 'Rolling', expired: 'Expired', revoked: 'Revoked'}, endpoint: {enabled: 'Enabled', failing: 'Failing', disabled: 'Disabled'},
  invitation: {open: 'Waiting', accepted: 'Joined', expired: 'Expired', revoked: 'Revoked'}, notice: {waiting: 'Waiting', merged: 'Merged', sent: 'Sent', failed: 'Failed'},
  task: {queued: 'Queued', running: 'Running', succeeded: 'Done', failed: 'Failed', canceled: 'Canceled'},
  approval: {waiting: 'Waiting', scheduled: 'Approved, to be done', approved: 'Approved', refused: 'Refused', expired: 'Expired', withdrawn: 'Withdrawn'},
  delivery: {reserved: 'Reserved', queued: 'Queued', delivered: 'Delivered', released: 'Released', void: 'Void'},
  merchant: {pending: 'Not yet approved', active: 'Active', suspended: 'Suspended'},
  application: {draft: 'Draft', submitted: 'Submitted', in_review: 'In review', awaiting_signature: 'To be signed', approved: 'Approved', rejected: 'Rejected'},
  audit: {waiting: 'Waiting', not_needed: 'Not needed', passed: 'Passed', rejected: 'Rejected'},
  product: {active: 'On sale', archived: 'Archived'},
  cardKey: {available: 'Available', reserved: 'Reserved', delivered: 'Delivered', void: 'Void'},
  rule: {active: 'In use', archived: 'Archived'},
  case: {open: 'Open', closed: 'Closed'},
  review: {asked: 'Waits for a second person', confirmed: 'In effect', withdrawn: 'Withdrawn'},
};

export const statusWords: Pair<Words> = {zh, en};
