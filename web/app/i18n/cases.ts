import type {Schema} from '../api/client.ts';
import {grouped, plural, type Pair} from './texts.ts';

// Told are the facts of a case, written as they are shown; what there is none of is empty.
export type Told = Record<'expected' | 'found' | 'returned' | 'trade' | 'number' | 'state' | 'field' | 'subject' | 'other' | 'smid' | 'words', string>;
type Said = Record<Schema<'CaseCause'>, (f: Told) => string>;

const zh = {
  cases: '工单', case: '工单', status: '状态', kind: '种类', about: '情况', order: '订单', opened: '开单', closedAt: '结案', id: '编号', facts: '概况', times: '发生次数', last: '最近一次', n: (n: number) => `${grouped(n)} 次`, latest: '最近几次',
  none: '没有工单', noneTodo: '系统不能自行决定的事会列在这里，等人处理。', noneMine: '没有指派给你的工单', noneMineTodo: '在待处理的工单里点“指派给我”，它就会出现在这里。',
  view: '范围', views: {todo: '待处理', mine: '我的', closed: '已结'}, atRisk: '涉及金额', waiting: '等待', assignee: '处理人', nobody: '未指派', assign: '指派', assignMe: '指派给我', assignLead: '被指派的人会在“我的”里看到这张工单。', assigned: '已指派', since: '指派时间', unassigned: '已取消指派',
  age: '已等待', ages: (h: number) => h < 24 ? `${h} 小时以上` : `${h / 24} 天以上`, before: '上一件', next: '下一件', walk: '逐件查看',
  notes: '备注', noNotes: '还没有备注。', addNote: '添加备注', noteText: '内容', noteAdvice: '供同事查阅，不能修改。不要写卡密和证件号码。', noted: '已添加', key: '接口密钥',
  fields: {total_amount: '金额', app_id: '应用', seller_id: '收款账号', smid: '二级商户', amount: '支付金额', refunded: '退给买家的金额', settled: '结算给收款商户的金额', split: '分给分账方的金额', returned: '分账方退回的金额'} as Readonly<Record<string, string>>,
  said: {
    trade_differs: f => `支付宝交易 ${f.trade}（${f.state}）与订单的${f.field}不符：应付 ${f.expected}，实付 ${f.found}。`,
    foreign_trade: f => `支付宝通知了交易 ${f.trade}（商户订单号 ${f.number}），不是本平台发起的。`,
    foreign_app: () => '收到一条支付宝签给其他应用的通知。',
    paid_after_close: f => `订单关闭后买家才付款 ${f.found}，系统正在退款。`,
    split_refused: f => `无法结算或分账：${f.words}`,
    settle_suspended: f => `支付宝风控暂停了结算：${f.words}`,
    split_unknown: f => `一天内没能从支付宝查明是否已结算和分账：${f.words}`,
    released_outside: f => `${f.found} 由其他请求或支付宝自行结算，不是本平台发起的。`,
    frozen_freed: f => `为分账冻结的 ${f.found} 已解冻给收款商户，分账方没有收到：${f.words || '冻结已满三十天'}。`,
    refund_refused: f => `支付宝拒绝了 ${f.expected} 的退款：${f.words}`,
    refund_unknown: f => `一天内没能从支付宝查明 ${f.expected} 的退款是否成功：${f.words}`,
    refund_incomplete: f => `已退给买家 ${f.expected}，但有分账方没有退回自己的部分，由收款商户垫付。`,
    outside_refund: f => `买家在支付宝侧获退 ${f.found}，不是本平台发起的${f.number && `（单号 ${f.number}）`}；其中分账方退回 ${f.returned}。`,
    smid_taken: f => `进件 ${f.subject} 获批的商户号 ${f.smid} 已属于商户 ${f.other}。`,
    endpoint_disabled: f => `通知地址 ${f.subject} 已停用：${f.words}。修复后重新启用，期间的事件可以重发。`,
    route_failing: f => `通知渠道 ${f.subject} 发不出去：${f.words}。修复后测试一次，积压的通知会补发。`,
    books_differ: f => `${f.field}不一致：账簿 ${f.expected}，支付宝 ${f.found}${f.number && `，其中请求 ${f.number} 不是本平台发起的`}。`,
    paid_only_at_alipay: f => `账簿中这笔支付的状态是 ${f.state}；支付宝已收 ${f.found}，其中已退 ${f.returned}。`,
    paid_only_here: f => `账簿中已收 ${f.expected}；支付宝侧${f.state === '' ? '没有这笔交易' : `的状态是 ${f.state}`}。`,
  } as Said,
  close: '结案', closeLead: '结案不改变订单、资金或库存；工单所涉的事要先处理好。处理结论记入审计日志。', note: '处理结论', noteHelp: '说明怎么处理的，供日后查阅', closed: '已结案',
  review: '付款核查', reviewLead: '付款与订单不符。系统会先向支付宝查询实际款项，再按你的决定执行。', orderIs: '订单状态', due: '应付', found: '实收',
  decisions: {refund: '退回全部款项', accept: '按实收发货', release: '关闭订单'} as Record<Schema<'ReviewDecision'>, string>,
  means: {refund: '退回收到的全部款项，并释放卡密。', accept: '按实收款项发货，差额由平台承担。须由另一人确认后生效。', release: '没有收到款项，或已全部退回：关闭订单并释放卡密。'} as Record<Schema<'ReviewDecision'>, string>,
  decided: '已提交决定', reason: '说明', decision: '决定', askedBy: '提交人', askedAt: '提交时间', endedAt: '生效或撤回', confirm: '确认发货', confirmLead: (amount: string) => `订单将按实收 ${amount} 发货，只执行一次。`, confirmed: '已确认', withdraw: '撤回', withdrawLead: '这次决定作废，订单仍待核查。', withdrawn: '已撤回', waits: '等待另一人确认。提交人不能自己确认。',
};

const en: typeof zh = {
  cases: 'Cases', case: 'Case', status: 'Status', kind: 'Kind', about: 'What happened', order: 'Order', opened: 'Opened', closedAt: 'Closed', id: 'Id', facts: 'Facts', times: 'Times', last: 'Last time', n: n => grouped(n), latest: 'The last few times',
  none: 'No cases', noneTodo: 'What the system does not decide alone is listed here, for a person.', noneMine: 'No case is yours', noneMineTodo: 'Take one of those to do: it is listed here then.',
  view: 'View', views: {todo: 'To do', mine: 'Mine', closed: 'Closed'}, atRisk: 'At risk', waiting: 'Waiting', assignee: 'Assignee', nobody: 'Nobody', assign: 'Assign', assignMe: 'Assign to me', assignLead: 'Who is given the case finds it under Mine.', assigned: 'Assigned', since: 'Assigned at', unassigned: 'Given to nobody',
  age: 'Waiting for', ages: h => h < 24 ? `${plural(h, 'hour', 'hours')} or more` : `${plural(h / 24, 'day', 'days')} or more`, before: 'Previous', next: 'Next', walk: 'One after another',
  notes: 'Notes', noNotes: 'No notes yet.', addNote: 'Add a note', noteText: 'Text', noteAdvice: 'For colleagues; it stays as it is. No card keys and no identity numbers.', noted: 'Added', key: 'API key',
  fields: {total_amount: 'amount', app_id: 'app', seller_id: 'payee', smid: 'secondary merchant', amount: 'The amount', refunded: 'Given back to the buyer', settled: 'Released to the merchant of record', split: 'Split to receivers', returned: 'Given back by receivers'},
  said: {
    trade_differs: f => `Alipay’s trade ${f.trade} (${f.state}) has another ${f.field} than the order: ${f.expected} due, ${f.found} paid.`,
    foreign_trade: f => `Alipay reports trade ${f.trade} (out_trade_no ${f.number}), which this platform did not ask for.`,
    foreign_app: () => 'A notification that Alipay signed for another app arrived.',
    paid_after_close: f => `The buyer paid ${f.found} after the order was closed. It is being refunded.`,
    split_refused: f => `The payment could not be settled or split: ${f.words}`,
    settle_suspended: f => `Alipay’s risk control holds the settlement: ${f.words}`,
    split_unknown: f => `Whether the payment is settled and split could not be learned from Alipay for a day: ${f.words}`,
    released_outside: f => `${f.found} were released by a request that is not this platform’s, or by Alipay itself.`,
    frozen_freed: f => `${f.found} that were frozen for the split went to the merchant of record; receivers got nothing: ${f.words || 'thirty days were over'}.`,
    refund_refused: f => `Alipay refused to refund ${f.expected}: ${f.words}`,
    refund_unknown: f => `Whether ${f.expected} were refunded could not be learned from Alipay for a day: ${f.words}`,
    refund_incomplete: f => `The buyer has ${f.expected} back, but not every receiver returned its part; the merchant of record paid for it.`,
    outside_refund: f => `The buyer got ${f.found} back at Alipay, not by this platform${f.number && ` (number ${f.number})`}. Receivers gave back ${f.returned} of it.`,
    smid_taken: f => `Application ${f.subject} was approved under number ${f.smid}, which merchant ${f.other} has already.`,
    endpoint_disabled: f => `Webhook endpoint ${f.subject} was switched off: ${f.words}. Enable it when it is well; events of the meantime can be sent again.`,
    route_failing: f => `Notice route ${f.subject} does not get through: ${f.words}. Mend it and test it; what waits is sent then.`,
    books_differ: f => `${f.field}: ${f.expected} in the book, ${f.found} at Alipay${f.number && `; request ${f.number} is not this platform’s`}.`,
    paid_only_at_alipay: f => `The payment is ${f.state} in the book. Alipay has ${f.found} for it, of which ${f.returned} went back.`,
    paid_only_here: f => `${f.expected} are paid in the book. ${f.state === '' ? 'Alipay does not know the trade' : `At Alipay the trade is ${f.state}`}.`,
  },
  close: 'Close case', closeLead: 'This changes no order, no money and no stock: settle the matter first. The note is recorded.', note: 'What was done', noteHelp: 'For who reads it later', closed: 'The case is closed',
  review: 'Review of the payment', reviewLead: 'What was paid does not fit the order. Alipay is asked first what really came, then your decision is carried out.', orderIs: 'The order is', due: 'Due', found: 'Came',
  decisions: {refund: 'Give everything back', accept: 'Deliver for what came', release: 'Close the order'},
  means: {refund: 'All that came is given back, and the card keys are freed.', accept: 'Delivered for what came; the platform bears the difference. A second person has to confirm it.', release: 'Nothing came, or all of it went back: the order is closed and its card keys are freed.'},
  decided: 'The decision is sent', reason: 'Note', decision: 'Decision', askedBy: 'By', askedAt: 'Asked', endedAt: 'Ended', confirm: 'Confirm delivery', confirmLead: amount => `The order is delivered for ${amount}, once.`, confirmed: 'Confirmed', withdraw: 'Withdraw', withdrawLead: 'The decision is void; the order still needs a review.', withdrawn: 'Withdrawn', waits: 'It waits for a second person. Who asked cannot confirm.',
};

export const cases: Pair<typeof zh> = {zh, en};
