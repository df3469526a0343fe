// What a platform does before it earns, and where.
import type {Schema} from '../api/client.ts';
import type {Pair} from './texts.ts';

type Step = Schema<'GoLiveStep'>['kind'];

const zh = {
  step: {connection: '连接支付宝应用', connection_check: '检查连接', merchant_active: '第一个商户通过进件', product_on_sale: '第一个商品上架', webhook_endpoint: '设置通知地址', order_delivered: '第一笔订单发货', two_people: '至少两人可以审批', live_tenant: '开通正式平台'} as Record<Step, string>,
  how: {connection: '填写应用和密钥', connection_check: '逐项检查密钥、签约产品和时钟', merchant_active: '新建商户，提交进件，等支付宝通过', product_on_sale: '新建商品，定价格和分账规则，导入卡密', webhook_endpoint: '你的程序从这里得知付款和发货', order_delivered: '下单、付款，卡密自动发给买家', two_people: '再邀请一位所有者或管理员', live_tenant: '沿用沙箱的设置，涉及真实资金'} as Record<Step, string>,
  inSandbox: {merchant_active: '新建商户后，点右上角「沙箱」，用示例资料进件并代替支付宝通过', order_delivered: '打开商品，点右上角「沙箱」，下一笔测试订单并代替买家付款'} as Record<string, string>,
  done: '已完成', open: '待完成', failed: '有问题', go: {connection: '去连接', connection_check: '去检查', merchant_active: '去商户', product_on_sale: '去商品', webhook_endpoint: '去设置', order_delivered: '去下单', two_people: '去邀请', live_tenant: '去开通'} as Record<Step, string>,
};

const en: typeof zh = {
  step: {connection: 'Connect an app of Alipay', connection_check: 'Check the connection', merchant_active: 'First merchant approved', product_on_sale: 'First product on sale', webhook_endpoint: 'Set a webhook endpoint', order_delivered: 'First order delivered', two_people: 'Two people who can approve', live_tenant: 'Open the live platform'},
  how: {connection: 'Fill in the app and its keys', connection_check: 'Keys, products and clock, one by one', merchant_active: 'Create a merchant, apply, and wait for Alipay', product_on_sale: 'Create a product with a price and a split rule, and import card keys', webhook_endpoint: 'Your program hears here of payments and deliveries', order_delivered: 'Order and pay: the buyer gets the card keys at once', two_people: 'Invite another owner or admin', live_tenant: 'With the settings of the sandbox; real money moves'},
  inSandbox: {merchant_active: 'After you have created one: “Sandbox” at the top right applies with sample papers, and passes them as Alipay', order_delivered: 'On the page of a product, “Sandbox” at the top right makes a test order, and pays it as the buyer'},
  done: 'Done', open: 'To do', failed: 'Something is wrong', go: {connection: 'Connect', connection_check: 'Check', merchant_active: 'To merchants', product_on_sale: 'To products', webhook_endpoint: 'Set it', order_delivered: 'Make one', two_people: 'Invite', live_tenant: 'Open it'},
};

export const steps: Pair<typeof zh> = {zh, en};
