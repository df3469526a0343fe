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
  limited: '请求太多，或服务暂时繁忙。稍等片刻再试。', server: '服务器出了问题，已被记录。请再试一次。',
  fields: {required: '必填', too_long: '太长', pattern: '格式不对', too_short: '太短', unknown_parameter: '不支持这个条件'} as Record<string, string>, field: '填写有误',
};

const en: typeof zh = {
  unreachable: 'The server cannot be reached', unreachableTodo: 'Check the network, then try again. Repeating does nothing twice.',
  unreadable: 'The answer cannot be read', unreadableTodo: 'Something between here and the server changed it. Try another network.',
  broken: 'This page has a fault', brokenTodo: 'Open it again. If that does not help, send the text below to your engineers.',
  forbiddenTodo: 'Your role may not do this. Ask an owner or admin of the platform.',
  second_factor_required: 'Set up a passkey or an authenticator app first.', toAccount: 'Open your account',
  not_found: 'It may be deleted, or belong to another platform.',
  changed: 'Something has changed, and the page was read again. Look, then try again.',
  limited: 'Too many requests, or busy. Try again in a moment.', server: 'The server has a fault, which is recorded. Try again.',
  fields: {required: 'Required', too_long: 'Too long', pattern: 'Not in the right form', too_short: 'Too short', unknown_parameter: 'Not a filter'}, field: 'Not valid',
};

export const codes: Pair<typeof zh> = {zh, en};
