// What is played in a sandbox, and the sample that is applied with.
import type {Schema} from '../api/client.ts';
import type {Pair} from './texts.ts';

const zh = {
  title: '沙箱', lead: '代替买家和支付宝操作，不涉及真实资金。', noSimulator: '这个沙箱没有连接模拟器', noSimulatorTodo: '在「支付宝」设置中把网关改为模拟器，才能在这里操作。', hint: '打开订单、进件、商户或商品的页面，这里会出现对它的操作。', now: '当前时间',
  order: '这笔订单', pay: '代替买家付款', payBy: '付款方式', channels: {balance: '余额', huabei: '花呗', bank_card: '银行卡'} as Record<Schema<'SandboxChannel'>, string>, paid: '已付款，稍后发货', fail: '让付款失败', failBy: '失败原因', failed: '付款失败了，订单仍待付款',
  failures: {balance_not_enough: '余额不足', day_limit_exceeded: '超过当日限额', account_blocked: '账户被冻结', risk: '有风险，被拦截'} as Record<Schema<'SandboxFailure'>, string>, complain: '代替买家投诉', complaint: '投诉内容', complaintUsual: '购买的卡密提示已被使用', complained: '投诉已发出', orderOver: '这笔订单已没有可以代替的操作。',
  application: '这份进件', passAll: '全部通过', pass: '通过', reject: '驳回', steps: {risk: '风控审核', materials: '资料审核', signature: '商户签约'} as Record<Schema<'SandboxStep'>, string>, memo: '驳回原因', memoUsual: '营业执照照片模糊', decided: '已答复，稍后更新', onItsWay: '正在送达模拟器，稍等片刻。', draft: '先提交这份进件。', applicationOver: '这份进件已有结果。',
  merchant: '这个商户', apply: '用示例资料进件', applyLead: '填好一份示例申请表和证照并提交，然后在进件页上代替支付宝审核。', applied: '示例进件已提交', merchantOver: '这个商户已经可以收款。',
  product: '这个商品', buy: '下一笔测试订单', bought: '测试订单已创建', refund: '下一笔退款', outcome: '退款结果', outcomes: {succeeds: '成功', refused: '被拒绝', delayed: '先报错，重试后成功'} as Record<Schema<'SandboxRefundOutcome'>, string>, set: '设定', isSet: '已设定，对下一笔退款生效',
  clock: '时钟', clockLead: '时间前进后，未付款订单关闭，结算到期。', shared: '这里的时钟由多个平台共用，不能调整。', ahead: '前进', by: '前进多少', aheads: {'900': '15 分钟', '3600': '1 小时', '86400': '1 天', '604800': '7 天', '2592000': '30 天'} as Record<string, string>, moved: '时钟已调整',
};

const en: typeof zh = {
  title: 'Sandbox', lead: 'Do what buyers and Alipay would do. No real money moves.', noSimulator: 'This sandbox is not on the simulator', noSimulatorTodo: 'Choose the simulator as the gateway in the settings of Alipay.', hint: 'On the page of an order, an application, a merchant or a product, what can be done with it is here.', now: 'The time',
  order: 'This order', pay: 'Pay as its buyer', payBy: 'Pay with', channels: {balance: 'Balance', huabei: 'Huabei', bank_card: 'Bank card'}, paid: 'Paid; it is delivered in a moment', fail: 'Let a payment fail', failBy: 'Fail because', failed: 'The payment failed; the order waits on',
  failures: {balance_not_enough: 'Balance not enough', day_limit_exceeded: 'Above the day’s limit', account_blocked: 'Account blocked', risk: 'Stopped as a risk'}, complain: 'Complain as its buyer', complaint: 'Complaint', complaintUsual: 'The card key was used already', complained: 'The complaint is sent', orderOver: 'Nothing is left to do with this order.',
  application: 'This application', passAll: 'Pass everything', pass: 'Pass', reject: 'Reject', steps: {risk: 'Risk control', materials: 'Papers', signature: 'Signature'}, memo: 'Reject because', memoUsual: 'The picture of the licence is blurred', decided: 'Answered; it shows in a moment', onItsWay: 'On its way to the simulator. Wait a moment.', draft: 'Submit this application first.', applicationOver: 'This application is decided.',
  merchant: 'This merchant', apply: 'Apply with sample papers', applyLead: 'Fills in a sample form with papers and submits it. Then decide about it, as Alipay, on its page.', applied: 'The sample is submitted', merchantOver: 'This merchant can collect already.',
  product: 'This product', buy: 'Make a test order', bought: 'The test order is there', refund: 'The next refund', outcome: 'It', outcomes: {succeeds: 'Succeeds', refused: 'Is refused', delayed: 'Fails once, then succeeds'}, set: 'Set', isSet: 'Set for the next refund',
  clock: 'Clock', clockLead: 'As time passes, unpaid orders close and settlements become due.', shared: 'Several platforms share this clock: it cannot be moved.', ahead: 'Move ahead', by: 'Ahead by', aheads: {'900': '15 minutes', '3600': '1 hour', '86400': '1 day', '604800': '7 days', '2592000': '30 days'}, moved: 'The clock is moved',
};

export const sandbox: Pair<typeof zh> = {zh, en};

// sampleForm is a company's that does not exist; its numbers are nobody's.
export const sampleForm = (number: string): Schema<'ApplicationForm'> => ({
  name: '杭州示例网络有限公司', alias_name: '示例供货商', merchant_type: '01', mcc: 'B0205', cert_no: '91330100MA27XY7A19', legal_name: '李四', legal_cert_no: '330106198001011235',
  contact_name: '赵六', contact_mobile: '139' + number, contact_email: `sample${number}@example.cn`, service_phone: '057100000000', service: ['当面付', '电脑支付', 'wap支付'], site_url: 'https://shop.example.cn', site_name: '示例供货商',
  business_address: {province_code: '330000', city_code: '330100', district_code: '330106', address: '文三路 1 号'}, qualification_type: '310', binding_alipay_logon_id: `sample${number}@example.cn`, alipay_logon_id: `sample${number}@example.cn`,
});
