import type {Pair} from './texts.ts';

const zh = {
  splits: '分账与结算', split: '分账', settlement: '结算', days: '日期', time: '时间', order: '订单', merchant: '收款商户', amount: '金额', parts: '分给', platform: '平台', kept: '收款商户留存', retry: '重试', retried: '已重新发起', none: '没有符合条件的记录', noneTodo: '去掉一些筛选条件。付款后，结算和分账会显示在这里。',
  party: '方', sum: '合计', rest: '其余', stages: '资金所处阶段', unsettled: '待结算', frozen: '冻结待分', settled: '已结算给商户', ending: '三天内解冻', endingOf: (n: number) => `${n} 笔`,
};

const en: typeof zh = {
  splits: 'Splits and settlements', split: 'Split', settlement: 'Settlement', days: 'Date', time: 'Time', order: 'Order', merchant: 'Merchant of record', amount: 'Amount', parts: 'Parts', platform: 'Platform', kept: 'stays', retry: 'Retry', retried: 'Started again', none: 'Nothing is like that', noneTodo: 'Remove some filters. Settlement and split are shown once an order is paid.',
  party: 'Who', sum: 'Sum', rest: 'the rest', stages: 'Where the money is', unsettled: 'To be settled', frozen: 'Frozen until split', settled: 'With merchants', ending: 'Freed within three days', endingOf: n => String(n),
};

export const money: Pair<typeof zh> = {zh, en};
