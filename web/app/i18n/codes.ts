// What to do about an error. What happened, the server says itself, in the language of the page: the words are those of /docs/errors.
import type {Pair} from './texts.ts';

const zh = {
  unreachable: '连接不到服务器', unreachableTodo: '请检查网络，然后再试。写入的操作重试不会重复执行。',
  unreadable: '应答无法识别', unreadableTodo: '网络中间可能有设备改动了内容。换一个网络再试。',
  broken: '页面出错了', brokenTodo: '重新打开本页。若仍然出错，请把下面的内容发给技术人员。',
  forbiddenTodo: '你的角色不能做这件事。请找平台的所有者或管理员。',
  second_factor_required: '先设置通行密钥或验证器应用，再使用控制台。', toAccount: '打开账户设置',
  not_found: '它可能已被删除，或属于另一个平台。',
  changed: '内容已变化，页面已重新读取。请核对后再试。',
  todos: {
    split_rule_in_use: '先为使用它的在售商品更换规则，或下架这些商品。', split_rule_name_taken: '换一个名称。', split_rule_above_cap: '降低比例，或让另一方作为收款商户。', receiver_missing: '先在该商户的页面设置分账账号。', receiver_refused: '核对接收方的分账账号。',
    split_in_progress: '等分账完成后再试。', refund_pending: '等上一笔退款有结果后再试。', order_not_refundable: '核对订单的状态和已退金额。', split_not_refused: '新的尝试正在进行，请看最新状态。', alipay_connection_missing: '先连接支付宝应用。',
  } as Record<string, string>,
  limited: '请求太多，或服务暂时繁忙。稍等片刻再试。', server: '服务器出了问题，已被记录。请再试一次。',
  fields: {required: '必填', too_long: '太长', pattern: '格式不对', too_short: '太短', unknown_parameter: '不支持这个条件', duplicate: '每个接收方只能有一项', out_of_range: '超出范围', maximum: '超出范围', minimum: '超出范围', below_floor: '不能低于“至少”的金额', receiver_missing: '该商户还没有分账账号', not_found: '已不存在', above_cap: '超过支付宝上限', too_many: '太多'} as Record<string, string>, field: '填写有误',
};

const en: typeof zh = {
  unreachable: 'The server cannot be reached', unreachableTodo: 'Check the network, then try again. Repeating does nothing twice.',
  unreadable: 'The answer cannot be read', unreadableTodo: 'Something between here and the server changed it. Try another network.',
  broken: 'This page has a fault', brokenTodo: 'Open it again. If that does not help, send the text below to your engineers.',
  forbiddenTodo: 'Your role may not do this. Ask an owner or admin of the platform.',
  second_factor_required: 'Set up a passkey or an authenticator app first.', toAccount: 'Open your account',
  not_found: 'It may be deleted, or belong to another platform.',
  changed: 'Something has changed, and the page was read again. Look, then try again.',
  todos: {
    split_rule_in_use: 'Give the products on sale that use it another rule, or archive them, first.', split_rule_name_taken: 'Choose another name.', split_rule_above_cap: 'Lower the rates, or make the other party the merchant of record.', receiver_missing: 'Set the receiving account on the page of the merchant first.', receiver_refused: 'Check the receiving account.',
    split_in_progress: 'Try again once the split is done.', refund_pending: 'Wait for the outcome of the refund before.', order_not_refundable: 'Look at the status of the order, and at what was refunded.', split_not_refused: 'Another attempt is under way: look at how it stands.', alipay_connection_missing: 'Connect an app of Alipay first.',
  },
  limited: 'Too many requests, or busy. Try again in a moment.', server: 'The server has a fault, which is recorded. Try again.',
  fields: {required: 'Required', too_long: 'Too long', pattern: 'Not in the right form', too_short: 'Too short', unknown_parameter: 'Not a filter', duplicate: 'A receiver has one part', out_of_range: 'Out of range', maximum: 'Out of range', minimum: 'Out of range', below_floor: 'May not be below the least', receiver_missing: 'It has no receiving account yet', not_found: 'It is not there', above_cap: 'Above Alipay’s cap', too_many: 'Too many'}, field: 'Not valid',
};

export const codes: Pair<typeof zh> = {zh, en};
