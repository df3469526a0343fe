import {grouped, type Pair} from './texts.ts';

const zh = {
  goods: '商品', product: '商品', none: '没有符合条件的商品', noneTodo: '换一个名称或状态再看。', never: '还没有商品', neverTodo: '平台上架你供货或收款的商品后，会列在这里。', name: '名称', price: '价格', status: '状态', available: '可售', reserved: '已占用', delivered: '已发出', void: '作废',
  inStock: (n: number) => `可售 ${grouped(n)}`, low: '快卖完了', stock: '库存', import: '补货', imports: '补货记录', noImports: '还没有补过货。', importOf: (n: number) => `新增 ${grouped(n)} 张`, duplicates: (n: number) => `跳过重复 ${grouped(n)}`, voidBatch: '作废本批',
  notYours: '卡密由其他供货商提供，你只收款。', yours: '卡密由你提供。', created: '上架', id: '商品编号', roleOf: '你的角色', supplies: '供货', collects: '收款',
};

const en: typeof zh = {
  goods: 'Goods', product: 'Product', none: 'No product is like that', noneTodo: 'Look for another name or status.', never: 'No goods yet', neverTodo: 'What the platform sells of yours, or for you, is listed here.', name: 'Name', price: 'Price', status: 'Status', available: 'Available', reserved: 'Reserved', delivered: 'Delivered', void: 'Void',
  inStock: n => `${grouped(n)} available`, low: 'Nearly sold out', stock: 'Stock', import: 'Restock', imports: 'Imports', noImports: 'Nothing was imported yet.', importOf: n => `${grouped(n)} added`, duplicates: n => `${grouped(n)} left out`, voidBatch: 'Void the rest',
  notYours: 'Another supplier has its card keys; you are paid.', yours: 'You supply its card keys.', created: 'Created', id: 'Product id', roleOf: 'You', supplies: 'supply', collects: 'are paid',
};

export const portalGoods: Pair<typeof zh> = {zh, en};
