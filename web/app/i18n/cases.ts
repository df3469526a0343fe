import type {Schema} from '../api/client.ts';
import {grouped, type Pair} from './texts.ts';

const zh = {
  cases: '工单', case: '工单', status: '状态', kind: '种类', about: '情况', order: '订单', opened: '开单', closedAt: '结案', id: '编号', facts: '概况', any: '全部', times: '发生次数', last: '最近一次', n: (n: number) => `${grouped(n)} 次`, latest: '最近几次',
  none: '没有工单', noneTodo: '系统不能自行决定的事会列在这里，等人处理。',
  close: '结案', closeLead: '结案不改变订单、资金或库存；工单所涉的事要先处理好。处理结论记入审计日志。', note: '处理结论', noteHelp: '说明怎么处理的，供日后查阅', closed: '已结案',
  review: '付款核查', reviewLead: '付款与订单不符。系统会先向支付宝查询实际款项，再按你的决定执行。', orderIs: '订单状态', due: '应付', found: '实收',
  decisions: {refund: '退回全部款项', accept: '按实收发货', release: '关闭订单'} as Record<Schema<'ReviewDecision'>, string>,
  means: {refund: '退回收到的全部款项，并释放卡密。', accept: '按实收款项发货，差额由平台承担。须由另一人确认后生效。', release: '没有收到款项，或已全部退回：关闭订单并释放卡密。'} as Record<Schema<'ReviewDecision'>, string>,
  decided: '已提交决定', reason: '说明', decision: '决定', askedBy: '提交人', askedAt: '提交时间', endedAt: '生效或撤回', confirm: '确认发货', confirmLead: (amount: string) => `订单将按实收 ${amount} 发货，只执行一次。`, confirmed: '已确认', withdraw: '撤回', withdrawLead: '这次决定作废，订单仍待核查。', withdrawn: '已撤回', waits: '等待另一人确认。提交人不能自己确认。',
};

const en: typeof zh = {
  cases: 'Cases', case: 'Case', status: 'Status', kind: 'Kind', about: 'What happened', order: 'Order', opened: 'Opened', closedAt: 'Closed', id: 'Id', facts: 'Facts', any: 'All', times: 'Times', last: 'Last time', n: n => grouped(n), latest: 'The last few times',
  none: 'No cases', noneTodo: 'What the system does not decide alone is listed here, for a person.',
  close: 'Close case', closeLead: 'This changes no order, no money and no stock: settle the matter first. The note is recorded.', note: 'What was done', noteHelp: 'For who reads it later', closed: 'The case is closed',
  review: 'Review of the payment', reviewLead: 'What was paid does not fit the order. Alipay is asked first what really came, then your decision is carried out.', orderIs: 'The order is', due: 'Due', found: 'Came',
  decisions: {refund: 'Give everything back', accept: 'Deliver for what came', release: 'Close the order'},
  means: {refund: 'All that came is given back, and the card keys are freed.', accept: 'Delivered for what came; the platform bears the difference. A second person has to confirm it.', release: 'Nothing came, or all of it went back: the order is closed and its card keys are freed.'},
  decided: 'The decision is sent', reason: 'Note', decision: 'Decision', askedBy: 'By', askedAt: 'Asked', endedAt: 'Ended', confirm: 'Confirm delivery', confirmLead: amount => `The order is delivered for ${amount}, once.`, confirmed: 'Confirmed', withdraw: 'Withdraw', withdrawLead: 'The decision is void; the order still needs a review.', withdrawn: 'Withdrawn', waits: 'It waits for a second person. Who asked cannot confirm.',
};

export const cases: Pair<typeof zh> = {zh, en};
