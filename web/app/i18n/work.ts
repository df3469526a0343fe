import type {Schema} from '../api/client.ts';
import {grouped, type Pair} from './texts.ts';

const zh = {
  tasks: '任务', noTasks: '没有任务', noTasksTodo: '导出列表时，进度和文件会显示在这里，保留 30 天。', kind: '种类', status: '状态', asked: '发起', by: '发起人', progress: '进度', download: '下载', cancel: '取消任务', canceled: '任务已取消', why: '原因',
  kinds: {export: '导出列表', card_key_import: '导入卡密'} as Record<Schema<'TaskKind'>, string>, rows: (n: number) => `${grouped(n)} 行`, ofRows: (n: number, of: number) => `${grouped(n)} / ${grouped(of)} 行`,
  approvals: '审批', noApprovals: '没有审批', noApprovalsTodo: '超过限额的退款、分账账号变更和限额调整，会在这里等另一人批准。', amount: '金额', expires: '截止', act: '事项',
  acts: {refund: '退款', receiver_change: '变更分账账号', refund_limit: '调整退款限额', factor_reset: '移除成员的登录方式'} as Record<Schema<'ApprovalKind'>, string>,
  change: '变更内容', from: '原来', to: '改为', noLimit: '无限额', order: '订单', merchant: '商户', member: '成员', approvedBy: '批准人', dueAt: '执行时间', reason: '原因', facts: '概况', endedBy: '处理人', ended: '处理时间', notBefore: '最早可批准', refused: '拒绝原因', failed: '系统未执行', few: '能批准的人不足两位。请邀请更多管理员，否则没有人能批准。',
  approve: '批准并执行', approveLead: '批准后立即执行，只执行一次。', refuse: '拒绝', refuseLead: '不执行。提交人会看到原因。', withdraw: '撤回', withdrawLead: '不执行，这次提交作废。', approved: '已批准并执行', refusedDone: '已拒绝', withdrawn: '已撤回', yours: '这是你提交的，须由另一人批准。', keep: '返回', account: '账号', toRefund: '退款编号', id: '审批编号',
};

const en: typeof zh = {
  tasks: 'Tasks', noTasks: 'No tasks', noTasksTodo: 'When a list is exported, its progress and its file are here, for 30 days.', kind: 'Kind', status: 'Status', asked: 'Asked for', by: 'By', progress: 'Progress', download: 'Download', cancel: 'Cancel task', canceled: 'The task is canceled', why: 'Why',
  kinds: {export: 'Export of a list', card_key_import: 'Import of card keys'}, rows: n => `${grouped(n)} rows`, ofRows: (n, of) => `${grouped(n)} of ${grouped(of)} rows`,
  approvals: 'Approvals', noApprovals: 'No approvals', noApprovalsTodo: 'Refunds above the limit, another account of a receiver and another limit wait here for a second person.', amount: 'Amount', expires: 'Until', act: 'Act',
  acts: {refund: 'Refund', receiver_change: 'Another receiving account', refund_limit: 'Another limit of refunds', factor_reset: 'A member gets in again'},
  change: 'What changes', from: 'From', to: 'To', noLimit: 'No limit', order: 'Order', merchant: 'Merchant', member: 'Member', approvedBy: 'Approved by', dueAt: 'To be done', reason: 'Reason', facts: 'Facts', endedBy: 'Ended by', ended: 'Ended', notBefore: 'Not before', refused: 'Refused because', failed: 'Not done by the system', few: 'Fewer than two people can approve. Invite another admin, or nobody can.',
  approve: 'Approve, and do it', approveLead: 'It is done at once, and once.', refuse: 'Refuse', refuseLead: 'Nothing is done. Who asked reads the reason.', withdraw: 'Withdraw', withdrawLead: 'Nothing is done.', approved: 'Approved and done', refusedDone: 'Refused', withdrawn: 'Withdrawn', yours: 'You have asked for it: another person decides.', keep: 'Back', account: 'Account', toRefund: 'Refund id', id: 'Approval id',
};

export const work: Pair<typeof zh> = {zh, en};
