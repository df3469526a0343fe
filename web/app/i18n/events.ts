// What people call each kind of event, and what it is about.
import type {Schema} from '../api/client.ts';
import type {Pair} from './texts.ts';

export type EventWords = Record<Schema<'EventType'>, string>;

export const eventWords: Pair<EventWords> = {
  zh: {
    'order.created': '订单创建', 'order.paid': '订单付款', 'order.delivered': '订单发货', 'order.closed': '订单关闭', 'order.needs_review': '订单需核查', 'order.refunded': '订单退款',
    'split.completed': '分账完成', 'split.refused': '分账被拒', 'refund.succeeded': '退款成功', 'refund.refused': '退款被拒',
    'onboarding.submitted': '进件提交', 'onboarding.awaiting_signature': '进件待签约', 'onboarding.approved': '进件通过', 'onboarding.rejected': '进件驳回', 'onboarding.expired': '进件过期',
    'case.opened': '新工单', 'task.succeeded': '任务完成', 'task.failed': '任务失败', 'api_key.created': '密钥创建', 'api_key.rolled': '密钥轮换', 'api_key.revoked': '密钥吊销',
    'member.created': '成员创建', 'member.joined': '成员加入', 'member.updated': '成员变更', 'member.removed': '成员移除', 'member.signed_in_elsewhere': '成员异地登录', 'member.password_changed': '成员改密码', 'member.factors_changed': '成员改登录方式',
    'invitation.created': '邀请发出', 'invitation.accepted': '邀请接受', 'invitation.revoked': '邀请撤回', 'alipay_connection.updated': '支付宝连接变更', 'webhook_endpoint.secret_rotated': '通知密钥轮换', 'data_key.exchanged': '数据密钥更换',
    'tenant.end_announced': '平台预告关闭', 'tenant.end_withdrawn': '平台撤回关闭', 'tenant.closed': '平台关闭', 'erasure.created': '删除申请', 'erasure.completed': '删除完成', 'notice_route.failing': '通知渠道失败',
    'approval.asked': '提交审批', 'approval.scheduled': '审批通过，到时执行', 'approval.approved': '审批通过', 'approval.refused': '审批拒绝', 'approval.expired': '审批过期', 'approval.withdrawn': '审批撤回', 'webhook.test': '测试通知',
  },
  en: {
    'order.created': 'Order created', 'order.paid': 'Order paid', 'order.delivered': 'Order delivered', 'order.closed': 'Order closed', 'order.needs_review': 'Order needs review', 'order.refunded': 'Order refunded',
    'split.completed': 'Split done', 'split.refused': 'Split refused', 'refund.succeeded': 'Refund done', 'refund.refused': 'Refund refused',
    'onboarding.submitted': 'Application sent', 'onboarding.awaiting_signature': 'Application to be signed', 'onboarding.approved': 'Application approved', 'onboarding.rejected': 'Application rejected', 'onboarding.expired': 'Application expired',
    'case.opened': 'New case', 'task.succeeded': 'Task done', 'task.failed': 'Task failed', 'api_key.created': 'API key created', 'api_key.rolled': 'API key rolled', 'api_key.revoked': 'API key revoked',
    'member.created': 'Member created', 'member.joined': 'Member joined', 'member.updated': 'Member changed', 'member.removed': 'Member removed', 'member.signed_in_elsewhere': 'Sign-in from elsewhere', 'member.password_changed': 'Password changed', 'member.factors_changed': 'Sign-in methods changed',
    'invitation.created': 'Invitation sent', 'invitation.accepted': 'Invitation accepted', 'invitation.revoked': 'Invitation revoked', 'alipay_connection.updated': 'Alipay connection changed', 'webhook_endpoint.secret_rotated': 'Webhook secret rotated', 'data_key.exchanged': 'Data key exchanged',
    'tenant.end_announced': 'Closing announced', 'tenant.end_withdrawn': 'Closing withdrawn', 'tenant.closed': 'Platform closed', 'erasure.created': 'Erasure asked for', 'erasure.completed': 'Erasure done', 'notice_route.failing': 'Notices failing',
    'approval.asked': 'Approval asked for', 'approval.scheduled': 'Approved, done later', 'approval.approved': 'Approval given', 'approval.refused': 'Approval refused', 'approval.expired': 'Approval expired', 'approval.withdrawn': 'Approval withdrawn', 'webhook.test': 'Test',
  },
};

export const subjectWords: Pair<Record<Schema<'EventSubjectType'>, string>> = {
  zh: {order: '订单', refund: '退款', split: '分账', application: '进件', merchant: '商户', case: '工单', webhook_endpoint: '通知地址', task: '任务', api_key: '接口密钥', member: '成员', invitation: '邀请', tenant: '平台', erasure: '删除', notice_route: '通知渠道', approval: '审批'},
  en: {order: 'Order', refund: 'Refund', split: 'Split', application: 'Application', merchant: 'Merchant', case: 'Case', webhook_endpoint: 'Webhook endpoint', task: 'Task', api_key: 'API key', member: 'Member', invitation: 'Invitation', tenant: 'Platform', erasure: 'Erasure', notice_route: 'Notice route', approval: 'Approval'},
};
