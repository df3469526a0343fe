import type {Schema} from '../api/client.ts';
import type {Pair} from './texts.ts';

const zh = {
  export: '导出', exportTitle: (list: string) => `导出${list}`, exportLead: (n: string) => `按当前筛选条件导出${n}。文件做好后在「任务」中下载，保留 7 天。`, format: '格式', csv: 'CSV（UTF-8）', xlsx: '表格（xlsx）', exported: '已开始导出，可在任务中查看',
  lists: {orders: '订单', payments: '付款', refunds: '退款', splits: '分账', settlements: '结算', merchants: '商户', products: '商品', audit_log: '审计日志', cases: '工单', events: '事件'} as Record<Schema<'ExportCreate'>['list'], string>,
};

const en: typeof zh = {
  export: 'Export', exportTitle: list => `Export ${list}`, exportLead: n => `Exports${n === '' ? ' the list' : n} with these filters. The file is downloaded from Tasks once it is made, and stays for 7 days.`, format: 'Format', csv: 'CSV (UTF-8)', xlsx: 'Spreadsheet (xlsx)', exported: 'The export has begun: see Tasks',
  lists: {orders: 'orders', payments: 'payments', refunds: 'refunds', splits: 'splits', settlements: 'settlements', merchants: 'merchants', products: 'products', audit_log: 'the audit log', cases: 'cases', events: 'events'},
};

export const exporting: Pair<typeof zh> = {zh, en};
