import type {Pair} from './texts.ts';

const zh = {
  rules: '分账规则', rule: '分账规则', create: '新建规则', name: '名称', nameHelp: '规则名称不可重复，例如：平台 5 %', status: '状态', version: '版本', parts: '分给谁', created: '建立', id: '编号', any: '全部', facts: '概况', cap: '发布时的上限', comma: '，',
  none: '没有符合条件的规则', noneTodo: '换一个状态再看。', never: '还没有分账规则', neverTodo: '规则写明一笔付款中平台和其他商户各得多少，其余归收款商户。新建商品时要选一条。', nothing: '不分账，全部归收款商户',
  platform: '平台', atLeast: (amount: string) => `至少 ${amount}`, atMost: (amount: string) => `至多 ${amount}`, plus: (amount: string) => `另加 ${amount}`, numbered: (n: number) => `第 ${n} 版`,
  versions: '版本', inForce: '生效中', newVersion: '新版本', versionLead: (n: number) => `发布后为第 ${n} 版：新订单采用新版本，已有订单不变。版本发布后不可更改。`, publishLead: '发布后可用于商品。以后的修改会成为新版本，已有订单不变。', publish: '发布规则', publishVersion: (n: number) => `发布第 ${n} 版`, published: '规则已发布', same: '还没有改动，不必发布。',
  archive: '归档', archiveLead: '归档后不能再用于商品，也不能发布新版本。已有订单不变，随时可以恢复。', archived: '已归档', unarchive: '恢复使用', unarchiveLead: '恢复后可以再次用于商品。', unarchived: '已恢复使用',
  part: (n: number) => `第 ${n} 项`, receiver: '接收方', receiverHelp: '只列出已设置分账账号的商户', rate: '比例（%）', fixed: '固定金额（元）', floor: '比例部分至少（元）', atMostField: '比例部分至多（元）', add: '增加一方', remove: (n: number) => `删除第 ${n} 项`, rest: '其余归收款商户。', badRate: '填写百分比，最多两位小数', badAmount: '填写金额，最多两位小数',
  simulation: '试算', amount: '付款金额', amountHelp: '单位为元', others: '再看小额', of: '一笔付款怎么分', shareOf: (rates: string, cap: string) => `比例合计 ${rates}，支付宝上限 ${cap}`,
  fits: '在支付宝上限之内', above: (cap: string) => `比例合计超过支付宝上限 ${cap}，不能发布。降低比例，或让另一方作为收款商户。`, paymentAbove: (amount: string) => `${amount} 的订单会因超过上限被拒绝`, tooMuch: '各项合计超过付款金额', incomplete: '填好各项后显示试算结果。', more: (n: number) => `第 ${n} 项`,
  compare: '对比', from: '从', to: '到', noChange: '两个版本的分账项相同。', gone: '不再分', fresh: '新增', changes: '变化',
};

const en: typeof zh = {
  rules: 'Split rules', rule: 'Split rule', create: 'New rule', name: 'Name', nameHelp: 'No two rules have one name. For example: Platform 5 %', status: 'Status', version: 'Version', parts: 'Who gets what', created: 'Created', id: 'Id', any: 'All', facts: 'Facts', cap: 'Cap when published', comma: ', ',
  none: 'No rule is like that', noneTodo: 'Look at another status.', never: 'No split rules yet', neverTodo: 'A rule says what the platform and other merchants get of a payment; the merchant of record has the rest. A product needs one.', nothing: 'Nothing is split: all is the merchant’s',
  platform: 'Platform', atLeast: amount => `at least ${amount}`, atMost: amount => `at most ${amount}`, plus: amount => `plus ${amount}`, numbered: n => `Version ${n}`,
  versions: 'Versions', inForce: 'In force', newVersion: 'New version', versionLead: n => `It becomes version ${n}: new orders use it, existing orders keep theirs. A version never changes.`, publishLead: 'Products can be given it then. Later changes become new versions; existing orders keep theirs.', publish: 'Publish rule', publishVersion: n => `Publish version ${n}`, published: 'The rule is published', same: 'Nothing was changed, so there is nothing to publish.',
  archive: 'Archive', archiveLead: 'No product can be given it, and no version of it is published. Existing orders stay as they are, and it can be used again at any time.', archived: 'Archived', unarchive: 'Use again', unarchiveLead: 'Products can be given it again.', unarchived: 'In use again',
  part: n => `Part ${n}`, receiver: 'Receiver', receiverHelp: 'Merchants with a receiving account', rate: 'Rate (%)', fixed: 'Fixed amount (yuan)', floor: 'Rated, at least (yuan)', atMostField: 'Rated, at most (yuan)', add: 'Add a receiver', remove: n => `Remove part ${n}`, rest: 'The merchant of record has the rest.', badRate: 'A percentage with at most two decimals', badAmount: 'An amount with at most two decimals',
  simulation: 'Simulation', amount: 'Payment', amountHelp: 'In yuan', others: 'Small payments', of: 'How a payment is split', shareOf: (rates, cap) => `Rates add up to ${rates}, Alipay’s cap is ${cap}`,
  fits: 'Within Alipay’s cap', above: cap => `The rates are above Alipay’s cap of ${cap}: it cannot be published. Lower them, or make the other party the merchant of record.`, paymentAbove: amount => `An order of ${amount} would be refused, for the cap`, tooMuch: 'The parts are more than the payment', incomplete: 'Fill in the parts to see what they do.', more: n => `Part ${n}`,
  compare: 'Compare', from: 'From', to: 'To', noChange: 'The parts of both are the same.', gone: 'no part any more', fresh: 'new', changes: 'Changes',
};

export const rules: Pair<typeof zh> = {zh, en};
