import type {Schema} from '../api/client.ts';
import type {Pair} from './texts.ts';

const zh = {
  me: '我的', shop: '商户资料', kind: '类型', kinds: {distributor: '分销商', supplier: '供货商'} as Record<Schema<'MerchantKind'>, string>, status: '状态', smid: '支付宝商户号', contact: '联系方式', receiver: '分账账号', noReceiver: '未设置', id: '商户编号', since: '加入', shopLead: '资料由平台维护，要修改请联系平台。',
  application: '进件', noApplication: '还没有进件。请把证照和资料交给平台提交。', name: '名称', legal: '法定代表人', certNo: '证照号码', mobile: '联系手机', settleTo: '结算账号', reason: '支付宝的原因', sign: '用支付宝签约', stages: {risk_review: '风控审核', data_review: '资料审核', signing: '签约'} as Record<string, string>,
  work: '管理', files: '导出文件', filesLead: '导出的列表和进度', account: '账户与安全', accountLead: '密码、通行密钥、登录设备', others: '切换平台', signOut: '退出登录', taste: '显示',
  noFiles: '没有导出文件', noFilesTodo: '在订单、资金等列表点「导出」，文件会出现在这里，保留 7 天。',
};

const en: typeof zh = {
  me: 'Me', shop: 'Merchant', kind: 'Kind', kinds: {distributor: 'Distributor', supplier: 'Supplier'}, status: 'Status', smid: 'Alipay merchant number', contact: 'Contact', receiver: 'Account for parts', noReceiver: 'None', id: 'Merchant id', since: 'Since', shopLead: 'The platform keeps these data: ask it for a change.',
  application: 'Application', noApplication: 'No application yet. Give the platform your papers.', name: 'Name', legal: 'Legal representative', certNo: 'Licence number', mobile: 'Mobile', settleTo: 'Account of settlement', reason: 'Alipay’s reason', sign: 'Sign with Alipay', stages: {risk_review: 'Risk control', data_review: 'Papers', signing: 'Signature'},
  work: 'Manage', files: 'Exported files', filesLead: 'Lists that were exported, and their progress', account: 'Account and security', accountLead: 'Password, passkeys, devices', others: 'Other platforms', signOut: 'Sign out', taste: 'Display',
  noFiles: 'No files', noFilesTodo: 'Export a list of orders or money: the file is here for 7 days.',
};

export const portalMe: Pair<typeof zh> = {zh, en};
