// What a role, and a key of it, may do.
import type {Schema} from '../api/client.ts';
import type {Pair} from './texts.ts';

const zh = {
  parts: {tenants: '平台', access: '成员与密钥', merchants: '商户', onboarding: '进件', split_rules: '分账规则', catalog: '商品', stock: '库存', orders: '订单', card_keys: '订单卡密', refunds: '退款', events: '事件', webhooks: '通知', cases: '工单', tasks: '任务', files: '文件', approvals: '审批', sandbox: '沙箱', overview: '概览', you: '个人'} as Record<string, string>,
  levels: {none: '不能', read: '只读', write: '读写'} as Record<Schema<'AccessLevel'>, string>,
};

const en: typeof zh = {
  parts: {tenants: 'Platform', access: 'Members and keys', merchants: 'Merchants', onboarding: 'Onboarding', split_rules: 'Split rules', catalog: 'Products', stock: 'Stock', orders: 'Orders', card_keys: 'Card keys of orders', refunds: 'Refunds', events: 'Events', webhooks: 'Webhooks and notices', cases: 'Cases', tasks: 'Tasks', files: 'Files', approvals: 'Approvals', sandbox: 'Sandbox', overview: 'Figures', you: 'You'},
  levels: {none: 'None', read: 'Read', write: 'Read and write'},
};

export const access: Pair<typeof zh> = {zh, en};
