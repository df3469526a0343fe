import type {Schema} from '../api/client.ts';
import {grouped, plural, type Pair} from './texts.ts';

const zh = {
  members: '成员', invite: '邀请成员', name: '姓名', email: '邮箱', role: '角色', joined: '加入', status: '状态', merchant: '商户编号', id: '编号', you: '你', noMembers: '还没有成员', noMembersTodo: '邀请同事加入，并给每个人合适的角色。',
  invitations: '邀请', expires: '到期', inviteLead: '邀请邮件会发到这个邮箱，72 小时内有效。', invited: '邀请已发出', inviteLink: '邮件没收到时，可以把这个链接发给本人。只显示这一次。', revoke: '撤回', revokeOf: (email: string) => `撤回对 ${email} 的邀请`, revoked: '邀请已撤回', send: '发送邀请',
  change: '修改', save: '保存', saved: '已保存', gains: '将增加', loses: '将失去', sameRights: '权限不变', remove: '移除', removeLead: '立即失去对本平台的一切访问，登录和密钥的记录保留。', removed: '成员已移除',
  roles: '角色权限', rolesLead: '每个角色能做什么，由服务器实时给出。', reads: '只读', showRole: '查看角色',
  audit: '审计日志', time: '时间', who: '操作者', what: '操作', subject: '对象', from: '来源地址', kind: '操作者类型', days: '日期', subjectId: '对象编号', action: '操作名称', noAudit: '没有记录', noAuditTodo: '去掉一些筛选条件。每次写入和每次查看敏感内容都会记在这里。', kinds: {api_key: '接口密钥', member: '成员', buyer: '买家', system: '系统'} as Record<Schema<'ActorKind'>, string>,
  platform: '平台设置', platformName: '平台名称', limit: '退款审批限额', limitHelp: '超过此金额的退款须由另一人批准。留空表示不限。', noLimit: '不限', hours: '审批有效期（小时）', hoursOf: (n: number) => `${grouped(n)} 小时`, badAmount: '填写金额，例如 500.00', mode: '模式', keysShown: '卡密可查看', daysOf: (n: number) => `${grouped(n)} 天`, created: '建立',
  needsSecond: '提高或取消限额须由另一人批准。', submit: '提交审批', submitted: '已提交审批，等另一人批准', kept: '保留时间', events: '事件', attempts: '投递记录', log: '审计日志',
};

const en: typeof zh = {
  members: 'Members', invite: 'Invite', name: 'Name', email: 'E-mail', role: 'Role', joined: 'Joined', status: 'Status', merchant: 'Merchant id', id: 'Id', you: 'You', noMembers: 'No members yet', noMembersTodo: 'Invite the people you work with, each with the role that fits.',
  invitations: 'Invitations', expires: 'Expires', inviteLead: 'An invitation goes to this address and counts for 72 hours.', invited: 'The invitation is sent', inviteLink: 'If the mail does not arrive, give this link to the person yourself. It is shown this once.', revoke: 'Revoke', revokeOf: email => `Revoke the invitation of ${email}`, revoked: 'The invitation is revoked', send: 'Send invitation',
  change: 'Change', save: 'Save', saved: 'Saved', gains: 'Gains', loses: 'Loses', sameRights: 'The rights stay the same', remove: 'Remove', removeLead: 'All access to this platform ends at once. What was done stays in the records.', removed: 'The member is removed',
  roles: 'Roles', rolesLead: 'What each role may do, as the server has it now.', reads: 'Read only', showRole: 'Role to look at',
  audit: 'Audit log', time: 'Time', who: 'Who', what: 'What', subject: 'Subject', from: 'From address', kind: 'Kind of actor', days: 'Date', subjectId: 'Id of the subject', action: 'Name of the operation', noAudit: 'No entries', noAuditTodo: 'Remove some filters. Each change, and each look at what is sensitive, is recorded here.', kinds: {api_key: 'API key', member: 'Member', buyer: 'Buyer', system: 'System'},
  platform: 'Platform', platformName: 'Name', limit: 'Refunds above', limitHelp: 'A refund above it needs a second person. Empty means no limit.', noLimit: 'No limit', hours: 'Approvals wait, hours', hoursOf: n => plural(n, 'hour', 'hours'), badAmount: 'An amount, for example 500.00', mode: 'Mode', keysShown: 'Card keys are shown for', daysOf: n => plural(n, 'day', 'days'), created: 'Created',
  needsSecond: 'To raise the limit, or to take it away, needs a second person.', submit: 'Ask for approval', submitted: 'Asked for; another person decides', kept: 'Kept for', events: 'Events', attempts: 'Attempts', log: 'Audit log',
};

export const settings: Pair<typeof zh> = {zh, en};
