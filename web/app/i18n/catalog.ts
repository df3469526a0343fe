import {grouped, plural, type Pair} from './texts.ts';

const zh = {
  products: '商品', product: '商品', create: '新建商品', edit: '编辑', name: '名称', price: '价格', status: '状态', supplier: '供货商', payee: '收款商户', rule: '分账规则', created: '创建', id: '编号', any: '全部', facts: '概况', save: '保存', saved: '已保存', madeDone: '商品已建立',
  none: '没有符合条件的商品', noneTodo: '换一个状态再看。', never: '还没有商品', neverTodo: '先有已通过进件的商户和分账规则，再新建商品并导入卡密。', createLead: '新建后导入卡密，就可以下单。', priceHelp: '单位为元，例如 29.90。已有订单保持下单时的价格。', notPrice: '填写金额，最多两位小数', choose: '请选择', noRules: '还没有分账规则。', firstRule: '用「平台 5 %」', firstRuleName: '平台 5 %',
  archive: '下架', archiveLead: '下架的商品不能下单。已有订单不变，卡密保留，随时可以重新上架。', archived: '已下架', restore: '重新上架', restoreLead: '重新可以下单。', restored: '已上架',
  stock: '库存', available: '可售', reserved: '已占用', delivered: '已发出', void: '作废', soldOut: '售罄', otherKeys: '其他卡密', toKeys: '查看卡密', toOrders: '查看订单', imports: '导入批次', noImports: '还没有导入过卡密。', importOf: (n: number) => `新增 ${grouped(n)} 张`, duplicates: (n: number) => `跳过重复 ${grouped(n)}`,
  import: '导入卡密', importLead: '每行一张，最多 5,000 行。已有的卡密和重复的行会跳过，并在下面列出。', keys: '卡密', read: (lines: number, twice: number) => `读到 ${grouped(lines)} 行${twice > 0 ? `，其中 ${grouped(twice)} 行重复` : ''}`, tooMany: '超过 5,000 行，请分几次导入', go: (n: number) => `导入 ${grouped(n)} 张`,
  result: '导入完成', added: (n: number) => `新增 ${grouped(n)} 张`, skippedLines: '跳过的行', line: (n: number) => `第 ${n} 行`, skips: {already_in_stock: '库中已有（包括已售出的）', repeated_in_list: '与前面的行重复'} as Record<string, string>,
  cardKeys: '卡密', noKeys: '没有符合条件的卡密', noKeysTodo: '换一个状态，或在商品页导入。', key: '卡密', order: '订单', time: '导入', changed: '变化', batch: '批次', hidden: '列表不显示卡密内容。',
  voidOne: '作废', voidLead: '作废后不再出售，不能恢复。原因记入审计日志。', voidBatch: '作废本批', voidBatchLead: '本批中可售的卡密全部作废，不能恢复；已占用和已发出的不变。', reason: '原因', voided: '已作废', voidedN: (n: number) => `已作废 ${grouped(n)} 张`,
};

const en: typeof zh = {
  products: 'Products', product: 'Product', create: 'New product', edit: 'Edit', name: 'Name', price: 'Price', status: 'Status', supplier: 'Supplier', payee: 'Merchant of record', rule: 'Split rule', created: 'Created', id: 'Id', any: 'All', facts: 'Facts', save: 'Save', saved: 'Saved', madeDone: 'The product is there',
  none: 'No product is like that', noneTodo: 'Look at another status.', never: 'No products yet', neverTodo: 'With an approved merchant and a split rule, create a product and import its card keys.', createLead: 'Import card keys after that, and it can be ordered.', priceHelp: 'In yuan, such as 29.90. Existing orders keep their price.', notPrice: 'An amount with at most two decimals', choose: 'Choose', noRules: 'There is no split rule yet.', firstRule: 'Use “Platform 5 %”', firstRuleName: 'Platform 5 %',
  archive: 'Archive', archiveLead: 'It can no longer be ordered. Orders and card keys stay as they are, and it can be put on sale again.', archived: 'Archived', restore: 'Put on sale', restoreLead: 'It can be ordered again.', restored: 'On sale',
  stock: 'Stock', available: 'Available', reserved: 'Reserved', delivered: 'Delivered', void: 'Void', soldOut: 'Sold out', otherKeys: 'Other keys', toKeys: 'See card keys', toOrders: 'See orders', imports: 'Imports', noImports: 'Nothing was imported yet.', importOf: n => `${grouped(n)} added`, duplicates: n => `${grouped(n)} left out`,
  import: 'Import card keys', importLead: 'One a line, at most 5,000. What is there already, or stands twice, is left out and listed.', keys: 'Card keys', read: (lines, twice) => `${plural(lines, 'line', 'lines')}${twice > 0 ? `, ${grouped(twice)} of them twice` : ''}`, tooMany: 'More than 5,000 lines: import them in parts', go: n => `Import ${grouped(n)}`,
  result: 'Imported', added: n => `${grouped(n)} added`, skippedLines: 'Lines left out', line: n => `Line ${n}`, skips: {already_in_stock: 'In stock already, or sold', repeated_in_list: 'Stands earlier in the list'},
  cardKeys: 'Card keys', noKeys: 'No card key is like that', noKeysTodo: 'Look at another status, or import on the page of the product.', key: 'Card key', order: 'Order', time: 'Imported', changed: 'Changed', batch: 'Import', hidden: 'The keys themselves are not shown.',
  voidOne: 'Void', voidLead: 'It is never sold, and this cannot be undone. The reason is recorded.', voidBatch: 'Void the rest', voidBatchLead: 'Every available key of this import becomes void for good. Reserved and delivered keys stay as they are.', reason: 'Reason', voided: 'Void', voidedN: n => `${grouped(n)} are void`,
};

export const catalog: Pair<typeof zh> = {zh, en};
