import {grouped, type Pair} from './texts.ts';

const zh = {
  title: '接口请求', one: '接口请求', none: '没有符合条件的请求', noneTodo: '去掉一些筛选条件。请求应答后约一秒可见，保留 30 天。', never: '还没有请求', neverTodo: '用接口密钥调用接口后，请求会显示在这里，保留 30 天。', toKeys: '接口密钥',
  time: '时间', operation: '操作', status: '应答', took: '耗时', actor: '请求者', code: '错误码', outcome: '结果', onlyFailed: '仅失败', days: '日期', id: '请求编号', actorId: '请求者编号', open: '打开', find: '按请求编号打开', findHelp: '应答的 Request-Id 头，或出错时显示的请求编号', notId: '请求编号以 req_ 开头，共 30 个字符',
  path: '路径', from: '来源地址', replayed: '重复请求，返回先前的应答', yes: '是', body: '请求体', noBody: '没有保留请求体：没有 JSON，或超过 16 KB。', masked: '只保留数字、标识、时间和枚举值；其他文本只留长度，个人信息与机密不保留。', ms: (us: number) => `${grouped(Math.round(us / 1_000))} 毫秒`, member: '成员', key: '接口密钥', json: '请求体 JSON', facts: '概况',
};

const en: typeof zh = {
  title: 'API requests', one: 'API request', none: 'No request is like that', noneTodo: 'Remove some filters. A request shows about a second after its answer, for 30 days.', never: 'No requests yet', neverTodo: 'What is asked of the API with a key is shown here, for 30 days.', toKeys: 'API keys',
  time: 'Time', operation: 'Operation', status: 'Answer', took: 'Took', actor: 'Who', code: 'Error code', outcome: 'Outcome', onlyFailed: 'Only failed', days: 'Date', id: 'Request id', actorId: 'Id of who asked', open: 'Open', find: 'Open by its id', findHelp: 'The header Request-Id of the answer, or the id that stands beside an error', notId: 'A request id begins with req_ and has 30 characters',
  path: 'Path', from: 'From address', replayed: 'A repeat: the earlier answer was given again', yes: 'Yes', body: 'Body', noBody: 'Nothing is kept: there was no JSON, or more than 16 KB.', masked: 'Numbers, ids, times and values of lists are kept; of other texts their length, of what is personal or secret nothing.', ms: us => `${grouped(Math.round(us / 1_000))} ms`, member: 'Member', key: 'API key', json: 'Body of the request, JSON', facts: 'Facts',
};

export const requests: Pair<typeof zh> = {zh, en};
