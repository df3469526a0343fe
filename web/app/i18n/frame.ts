import type {Pair} from './texts.ts';

const zh = {
  supply: '商户与商品', merchants: '商户', products: '商品', rules: '分账规则', splits: '分账', cases: '工单',
  home: '首页', orders: '订单', refunds: '退款', tasks: '任务', approvals: '审批', trade: '交易', work: '协作',
  developers: '开发', keysPage: '接口密钥', webhooks: '通知地址', events: '事件', settings: '设置', members: '成员', roleMatrix: '角色权限', audit: '审计日志', brand: '品牌', platform: '平台设置', alipay: '支付宝', requests: '接口请求', notices: '消息通知',
  navigation: '导航', skip: '跳到内容', sandbox: '沙箱', play: '沙箱工具：代替买家和支付宝', live: '正式', switch: '切换平台', account: '账户与安全', signOut: '退出登录', docs: '接口文档',
  search: '搜索', searchLabel: '搜索订单、单号、交易号、联系方式、商户、商品…', searchHelp: '粘贴任何编号；也可以输入页面名称', nothing: '没有找到', nothingTodo: '请核对是否完整。只显示你的角色可以查看的内容。', pages: '页面', found: '结果', noPage: '此类内容还没有页面',
  language: 'English', theme: '外观', auto: '跟随系统', light: '浅色', dark: '深色', keys: '键盘快捷键', keysOn: '启用快捷键', help: '快捷键说明',
  keyList: [['/  或  ⌘K', '搜索'], ['g h · g o · g r · g t · g a', '首页 · 订单 · 退款 · 任务 · 审批'], ['g k · g w · g e · g q', '接口密钥 · 通知地址 · 事件 · 接口请求'], ['g m · g p · g f · g s · g c', '商户 · 商品 · 分账规则 · 分账 · 工单'], ['g n · g u · g l', '消息通知 · 成员 · 审计日志'], ['j · k', '列表中下一条 · 上一条'], ['[ · ]', '上一件 · 下一件工单'], ['Enter', '打开'], ['Esc', '关闭'], ['?', '本说明']] as [string, string][],
  ended: '登录已结束', endedLead: '本页的内容和填写都还在。请重新登录，然后继续。', signIn: '登录', waiting: '已在新窗口打开登录页，登录后自动继续。', leave: '放弃，回到登录页',
  signedIn: '已登录', signedInLead: '可以关闭本窗口，回到原来的页面。',
  prove: '确认是你本人', proveLead: '这一步需要重新验证，十分钟内有效。', passkey: '使用通行密钥', password: '密码', code: '验证码', codeHelp: '验证器应用中的 6 位数字，或一个恢复码', confirm: '验证并继续', notKnown: '通行密钥没有完成验证，请再试，或改用密码。', needFactor: '还没有可用于验证的方式。', other: '改用密码',
  choose: '选择平台', chooseLead: '你是这些平台的成员。', noPlatform: '你还不是任何平台的成员', noPlatformTodo: '请让平台的管理员邀请你，或注册一个平台。', signUp: '注册平台',
  roles: {owner: '所有者', admin: '管理员', finance: '财务', risk: '风控', support: '客服', developer: '开发者', storefront: '店铺', distributor: '分销商', supplier: '供货商'},
};

const en: typeof zh = {
  supply: 'Merchants and goods', merchants: 'Merchants', products: 'Products', rules: 'Split rules', splits: 'Splits', cases: 'Cases',
  home: 'Home', orders: 'Orders', refunds: 'Refunds', tasks: 'Tasks', approvals: 'Approvals', trade: 'Trade', work: 'Work',
  developers: 'Developers', keysPage: 'API keys', webhooks: 'Webhooks', events: 'Events', settings: 'Settings', members: 'Members', roleMatrix: 'Roles', audit: 'Audit log', brand: 'Brand', platform: 'Platform', alipay: 'Alipay', requests: 'API requests', notices: 'Notices',
  navigation: 'Navigation', skip: 'Skip to content', sandbox: 'Sandbox', play: 'Sandbox tools: act as buyer and Alipay', live: 'Live', switch: 'Switch platform', account: 'Account and security', signOut: 'Sign out', docs: 'API reference',
  search: 'Search', searchLabel: 'Search orders, numbers, contacts, merchants, products…', searchHelp: 'Paste any number, or type the name of a page', nothing: 'Nothing found', nothingTodo: 'Is it complete? Only what your role may read is found.', pages: 'Pages', found: 'Found', noPage: 'This kind has no page yet',
  language: '中文', theme: 'Appearance', auto: 'As the system', light: 'Light', dark: 'Dark', keys: 'Keyboard shortcuts', keysOn: 'Use shortcuts', help: 'Shortcuts',
  keyList: [['/  or  ⌘K', 'Search'], ['g h · g o · g r · g t · g a', 'Home · orders · refunds · tasks · approvals'], ['g k · g w · g e · g q', 'API keys · webhooks · events · API requests'], ['g m · g p · g f · g s · g c', 'Merchants · products · split rules · splits · cases'], ['g n · g u · g l', 'Notices · members · audit log'], ['j · k', 'Next · previous of a list'], ['[ · ]', 'Previous · next case'], ['Enter', 'Open'], ['Esc', 'Close'], ['?', 'This list']],
  ended: 'You are signed out', endedLead: 'The page and what you typed are still here. Sign in again to go on.', signIn: 'Sign in', waiting: 'Sign-in is open in another window. This page goes on by itself.', leave: 'Leave for the sign-in page',
  signedIn: 'Signed in', signedInLead: 'Close this window and go back to the page.',
  prove: 'Show that it is you', proveLead: 'This step needs a fresh proof. It counts for ten minutes.', passkey: 'Use a passkey', password: 'Password', code: 'Code', codeHelp: 'The 6 digits of your authenticator app, or a recovery code', confirm: 'Confirm and go on', notKnown: 'The passkey was not confirmed. Try again, or use the password.', needFactor: 'There is nothing yet to prove it with.', other: 'Use the password',
  choose: 'Choose a platform', chooseLead: 'You are a member of these.', noPlatform: 'You are not a member of any platform', noPlatformTodo: 'Ask an admin of a platform to invite you, or sign one up.', signUp: 'Sign a platform up',
  roles: {owner: 'Owner', admin: 'Admin', finance: 'Finance', risk: 'Risk', support: 'Support', developer: 'Developer', storefront: 'Storefront', distributor: 'Distributor', supplier: 'Supplier'},
};

export const frame: Pair<typeof zh> = {zh, en};
