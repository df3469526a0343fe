import type {Schema} from '../api/client.ts';
import type {Pair} from './texts.ts';

const zh = {
  me: '我的', shop: '商户资料', kind: '类型', kinds: {distributor: '分销商', supplier: '供货商'} as Record<Schema<'MerchantKind'>, string>, status: '状态', smid: '支付宝商户号', contact: '联系方式', receiver: '分账账号', noReceiver: '未设置', id: '商户编号', since: '加入', shopLead: '资料由平台维护，要修改请联系平台。',
  application: '进件', noApplication: '还没有进件。请把证照和资料交给平台提交。', legal: '法定代表人', certNo: '证照号码', mobile: '联系手机', settleTo: '结算账号', reason: '支付宝的原因', sign: '用支付宝签约', stages: {risk_review: '风控审核', data_review: '资料审核', signing: '签约'} as Record<string, string>,
  work: '管理', team: '团队', teamLead: '谁能代表这个商户登录', files: '导出文件', filesLead: '导出的列表和进度', account: '账户与安全', accountLead: '密码、通行密钥、登录设备', others: '切换平台', language: 'English', theme: '外观', auto: '跟随系统', light: '浅色', dark: '深色', signOut: '退出登录', taste: '显示',
  invite: '邀请', inviteLead: '邀请邮件会发到这个邮箱，72 小时内有效。对方能看到和操作的与你相同。', email: '邮箱', name: '姓名', send: '发送邀请', invited: '邀请已发出', inviteLink: '邮件没收到时，可以把这个链接发给本人。只显示这一次。', invitations: '邀请', expires: '到期', revoke: '撤回', revokeOf: (email: string) => `撤回对 ${email} 的邀请`, revoked: '邀请已撤回',
  you: '你', remove: '移除', removeOf: (name: string) => `移除 ${name}`, removeLead: '立即不能再代表这个商户登录。做过的操作仍留有记录。', removed: '成员已移除', rename: '改名', save: '保存', saved: '已保存', joined: '加入', noMembers: '还没有成员', noMembersTodo: '邀请同事一起管理订单和库存。',
  noFiles: '没有导出文件', noFilesTodo: '在订单、资金等列表点「导出」，文件会出现在这里，保留 7 天。',
};

const en: typeof zh = {
  me: 'Me', shop: 'Merchant', kind: 'Kind', kinds: {distributor: 'Distributor', supplier: 'Supplier'}, status: 'Status', smid: 'Alipay merchant number', contact: 'Contact', receiver: 'Account for parts', noReceiver: 'None', id: 'Merchant id', since: 'Since', shopLead: 'The platform keeps these data: ask it for a change.',
  application: 'Application', noApplication: 'No application yet. Give the platform your papers.', legal: 'Legal representative', certNo: 'Licence number', mobile: 'Mobile', settleTo: 'Account of settlement', reason: 'Alipay’s reason', sign: 'Sign with Alipay', stages: {risk_review: 'Risk control', data_review: 'Papers', signing: 'Signature'},
  work: 'Manage', team: 'Team', teamLead: 'Who signs in for this merchant', files: 'Exported files', filesLead: 'Lists that were exported, and their progress', account: 'Account and security', accountLead: 'Password, passkeys, devices', others: 'Other platforms', language: '中文', theme: 'Appearance', auto: 'As the system', light: 'Light', dark: 'Dark', signOut: 'Sign out', taste: 'Display',
  invite: 'Invite', inviteLead: 'An invitation goes to this address and counts for 72 hours. They see and do what you do.', email: 'E-mail', name: 'Name', send: 'Send invitation', invited: 'The invitation is sent', inviteLink: 'If the mail does not arrive, give this link to the person yourself. It is shown this once.', invitations: 'Invitations', expires: 'Expires', revoke: 'Revoke', revokeOf: email => `Revoke the invitation of ${email}`, revoked: 'The invitation is revoked',
  you: 'You', remove: 'Remove', removeOf: name => `Remove ${name}`, removeLead: 'They can no longer sign in for this merchant. What they did stays in the records.', removed: 'The member is removed', rename: 'Rename', save: 'Save', saved: 'Saved', joined: 'Joined', noMembers: 'No members yet', noMembersTodo: 'Invite the people you work with.',
  noFiles: 'No files', noFilesTodo: 'Export a list of orders or money: the file is here for 7 days.',
};

export const portalMe: Pair<typeof zh> = {zh, en};
