import {grouped, plural, type Pair} from './texts.ts';

const zh = {
  close: '关闭', cancel: '取消', retry: '再试一次', copy: '复制', copied: '已复制', show: '显示', loading: '正在读取', more: '更多',
  apply: '确定', clear: '清除全部', addFilter: '筛选', removeFilter: (what: string) => `去掉筛选：${what}`,
  next: '下一页', previous: '上一页', first: '第一页',
  total: (n: number, capped: boolean) => capped ? `超过 ${grouped(n)} 条` : `${grouped(n)} 条`,
  news: (n: number) => `有 ${grouped(n)} 处变化`, zone: '北京时间', today: '今天', yesterday: '昨天', last7: '近 7 天', last30: '近 30 天', month: '本月', from: '从', until: '到',
  requestId: '请求编号', notFound: '这里没有内容', notFoundTodo: '地址可能不完整，或者内容属于另一个平台。可以用搜索查找。', home: '回到首页',
  changedMeanwhile: '这条记录刚被别人改过。', changedRefused: '没有保存：这条记录刚被别人改过。', nowIs: (name: string, value: string) => `${name}现在是 ${value || '空'}`, takeNews: '载入最新，保留我填的',
  minutes: (n: number) => `${n} 分钟`, hours: (n: number) => `${n} 小时`, days: (n: number) => `${n} 天`, waited: (t: string) => `等了 ${t}`,
};

const en: typeof zh = {
  close: 'Close', cancel: 'Cancel', retry: 'Try again', copy: 'Copy', copied: 'Copied', show: 'Show', loading: 'Loading', more: 'More',
  apply: 'Apply', clear: 'Clear all', addFilter: 'Filter', removeFilter: what => `Remove filter: ${what}`,   next: 'Next', previous: 'Previous', first: 'First page',
  total: (n, capped) => capped ? `More than ${grouped(n)}` : plural(n, 'row', 'rows'),
  news: n => plural(n, 'change', 'changes'), zone: 'Beijing time', today: 'Today', yesterday: 'Yesterday', last7: 'Last 7 days', last30: 'Last 30 days', month: 'This month', from: 'From', until: 'To',
  requestId: 'Request id', notFound: 'Nothing is here', notFoundTodo: 'The address may be incomplete, or the thing belongs to another platform. Search finds it.', home: 'Home',
  changedMeanwhile: 'Somebody else has just changed this.', changedRefused: 'Not saved: somebody else has just changed this.', nowIs: (name, value) => `${name} is now ${value || 'empty'}`, takeNews: 'Load it, keep what I typed',
  minutes: n => plural(n, 'minute', 'minutes'), hours: n => plural(n, 'hour', 'hours'), days: n => plural(n, 'day', 'days'), waited: t => `waiting ${t}`,
};

export const common: Pair<typeof zh> = {zh, en};
