import {grouped, plural, type Pair} from './texts.ts';

const zh = {
  keys: '接口密钥', toRequests: '查看它的请求', newKey: '新建密钥', name: '名称', nameHelp: '写清谁在用，例如：店铺服务器', role: '角色', last4: '密钥', created: '建立', used: '最近使用', never: '未使用', status: '状态', expires: '到期', noEnd: '不到期', merchant: '商户', id: '编号',
  noKeys: '还没有密钥', noKeysTodo: '新建一个密钥，程序就可以调用接口。密钥只显示一次。',
  asRole: '与角色相同', narrowed: '缩小到所选权限', permissions: '权限', may: '能做什么', mayNothing: '什么也不能做。', operations: (n: number) => `${grouped(n)} 项操作`, keyEnds: '有效期', ends: {'': '不到期', '7': '7 天', '30': '30 天', '90': '90 天', '365': '一年'} as Record<string, string>,
  create: '创建', keyMade: '密钥已创建', secretLead: '只显示这一次。复制到程序的密钥管理中，不要发到聊天里。', secret: '密钥内容', copySecret: '复制', savedIt: '我已保存', notCopied: '还没有复制。关闭后再也看不到。', closeAnyway: '不复制，关闭', tryIt: '试一试',
  roll: '轮换', rollLead: '生成新的密钥内容。旧内容在所选时间后失效。', overlap: '旧密钥继续有效', overlaps: {'0': '立即失效', '3600': '1 小时', '86400': '24 小时', '259200': '3 天', '604800': '7 天'} as Record<string, string>, rolled: '已轮换', oldUntil: '旧密钥有效至',
  revoke: '吊销', revokeLead: (used: string) => `立即失效，不能恢复。最近使用：${used}。`, revoked: '已吊销', revokedAt: '吊销时间',
  webhooks: '通知地址', newEndpoint: '新建地址', url: '地址', urlHelp: '以 https:// 开头的公网地址，接收 POST。', types: '事件类型', allTypes: '全部类型', someTypes: (n: number) => `${grouped(n)} 种`, chosenTypes: '只要所选类型', noEndpoints: '还没有通知地址', noEndpointsTodo: '填写你的程序的地址，订单付款、发货、退款时会立即收到通知。',
  endpointMade: '地址已创建', signLead: '用它验证每个通知的签名。只显示这一次。', failingSince: '开始失败', failingLead: '投递一直失败，系统会继续重试。请看下面最近一次的应答。', disabledLead: '已停用：不会收到事件。', test: '发送测试', testOk: (status: number) => `测试成功：HTTP ${status}`, testBad: '测试没有成功', edit: '修改', save: '保存', saved: '已保存', enable: '启用', disable: '停用', enabled: '已启用', disabledDone: '已停用',
  rotate: '轮换签名密钥', rotateLead: '生成新的签名密钥。重叠期内，每个通知同时带新旧两个签名。', remove: '删除', removeLead: '删除后不再投递，投递记录一并删除。', removed: '已删除',
  attempts: '投递记录', noAttempts: '还没有投递', noAttemptsTodo: '发送一次测试，或等待下一个事件。', time: '时间', event: '事件', nth: '次数', nthTime: (n: number) => `第 ${n} 次`, answer: '应答', took: '耗时', ms: (n: number) => `${grouped(n)} 毫秒`, noAnswer: '没有应答', error: '错误',
  attempt: '投递', request: '请求', response: '应答', headers: '头部', body: '正文', noBody: '没有正文', resend: '重发', resendToAll: '重新发送到所有接收该类型的启用地址。', resendHere: '重新发送到这个地址。', resent: '已重新发送',
  events: '事件', subject: '对象', subjectId: '对象编号', days: '日期', noEvents: '没有事件', noEventsTodo: '订单、退款、分账、进件等发生变化时，会在这里留下事件。', type: '类型', sequence: '序号', content: '内容', json: '事件内容 JSON',
};

const en: typeof zh = {
  keys: 'API keys', toRequests: 'See its requests', newKey: 'New key', name: 'Name', nameHelp: 'Say who uses it, for example: shop server', role: 'Role', last4: 'Key', created: 'Created', used: 'Last used', never: 'Never used', status: 'Status', expires: 'Expires', noEnd: 'Does not expire', merchant: 'Merchant', id: 'Id',
  noKeys: 'No keys yet', noKeysTodo: 'With a key a program can call the API. A key is shown once.',
  asRole: 'As the role', narrowed: 'Only what is chosen', permissions: 'Permissions', may: 'What it may do', mayNothing: 'Nothing at all.', operations: n => plural(n, 'operation', 'operations'), keyEnds: 'Ends', ends: {'': 'Never', '7': 'In 7 days', '30': 'In 30 days', '90': 'In 90 days', '365': 'In a year'},
  create: 'Create', keyMade: 'The key is made', secretLead: 'It is shown this once. Keep it with the secrets of your program, never in a chat.', secret: 'Secret', copySecret: 'Copy', savedIt: 'I have kept it', notCopied: 'It was not copied. Once closed it is never shown again.', closeAnyway: 'Close without copying', tryIt: 'Try it',
  roll: 'Roll', rollLead: 'Makes a new secret. The old one ends after the time that you choose.', overlap: 'The old one works on for', overlaps: {'0': 'Not at all', '3600': '1 hour', '86400': '24 hours', '259200': '3 days', '604800': '7 days'}, rolled: 'Rolled', oldUntil: 'Old secret works until',
  revoke: 'Revoke', revokeLead: used => `It ends at once, for good. Last used: ${used}.`, revoked: 'Revoked', revokedAt: 'Revoked',
  webhooks: 'Webhooks', newEndpoint: 'New endpoint', url: 'Address', urlHelp: 'A public address that begins with https:// and takes POST.', types: 'Types of events', allTypes: 'All types', someTypes: n => plural(n, 'type', 'types'), chosenTypes: 'Only the chosen types', noEndpoints: 'No endpoints yet', noEndpointsTodo: 'Give the address of your program: it hears at once when an order is paid, delivered or refunded.',
  endpointMade: 'The endpoint is made', signLead: 'Verify the signature of each notice with it. It is shown this once.', failingSince: 'Failing since', failingLead: 'Deliveries fail, and are tried again. Look at the newest answer below.', disabledLead: 'Disabled: it hears of nothing.', test: 'Send a test', testOk: status => `The test was taken: HTTP ${status}`, testBad: 'The test did not arrive', edit: 'Edit', save: 'Save', saved: 'Saved', enable: 'Enable', disable: 'Disable', enabled: 'Enabled', disabledDone: 'Disabled',
  rotate: 'Rotate the secret', rotateLead: 'Makes a new secret. Until the old one ends, each notice is signed with both.', remove: 'Delete', removeLead: 'Nothing is delivered any more, and the attempts are deleted with it.', removed: 'Deleted',
  attempts: 'Attempts', noAttempts: 'Nothing was delivered yet', noAttemptsTodo: 'Send a test, or wait for the next event.', time: 'Time', event: 'Event', nth: 'Attempt', nthTime: n => `No. ${n}`, answer: 'Answer', took: 'Took', ms: n => `${grouped(n)} ms`, noAnswer: 'No answer', error: 'Error',
  attempt: 'Attempt', request: 'Request', response: 'Answer', headers: 'Headers', body: 'Body', noBody: 'No body', resend: 'Send again', resendToAll: 'Goes to every enabled endpoint that takes its type.', resendHere: 'Goes to this endpoint again.', resent: 'Sent again',
  events: 'Events', subject: 'Subject', subjectId: 'Id of the subject', days: 'Date', noEvents: 'No events', noEventsTodo: 'A change of an order, a refund, a split or an application leaves an event here.', type: 'Type', sequence: 'Sequence', content: 'Content', json: 'Content of the event, JSON',
};

export const developers: Pair<typeof zh> = {zh, en};
