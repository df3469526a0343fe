import type {Schema} from '../api/client.ts';
import type {Pair} from './texts.ts';

type Form = Schema<'ApplicationForm'>;

const zh = {
  merchants: '商户', merchant: '商户', create: '新建商户', edit: '编辑', name: '名称', kind: '类型', status: '状态', smid: '支付宝商户号', contact: '联系方式', receiver: '分账账号', created: '创建', id: '编号', any: '全部',
  none: '没有符合条件的商户', noneTodo: '换一个类型或状态再看。', never: '还没有商户', neverTodo: '先新建一个供货商，再为它提交进件。通过后才能收款。',
  kinds: {distributor: '分销商', supplier: '供货商'} as Record<Schema<'MerchantKind'>, string>, contactHelp: '仅平台自己查看',
  createLead: '新商户要通过支付宝进件后才能收款。', madeDone: '商户已建立', saved: '已保存', save: '保存',
  suspend: '暂停收款', suspendLead: '不再创建由它收款的订单。已有订单仍可付款、发货、分账和退款，它也照常接收分账。', suspended: '已暂停',
  reactivate: '恢复收款', reactivateLead: '重新可以创建由它收款的订单。', reactivated: '已恢复',
  setReceiver: '设置分账账号', changeReceiver: '更换分账账号', changeLead: '更换账号须由另一人批准，对此后的分账生效。', setLead: '分给该商户的钱会进入这个支付宝账号，对此后的分账生效。',
  receiverType: '账号形式', userId: '2088 开头的账号', loginName: '登录手机号或邮箱', account: '账号', submitChange: '提交审批', asked: '已提交审批，等另一人批准', noReceiver: '未设置，不能接收分账',
  can: '能力', collects: '可以收款', collectsNot: '不能收款', receives: '可以接收分账', receivesNot: '不能接收分账', today: '今天成交', frozen: '冻结待分', settled: '已结算', facts: '概况',
  applications: '进件', noApplications: '还没有进件。用接口创建进件申请并提交后，进度会显示在这里。', inSandbox: '在沙箱中用示例资料进件', splits: '最近的分账', noSplits: '还没有分账给它。', toOrders: '由它收款的订单', returned: (amount: string) => `退回 ${amount}`,
  application: '进件申请', audits: '审核', stages: {risk_review: '风控审核', data_review: '资料审核', signing: '商户签约'} as Record<string, string>, noAudits: '提交后显示各环节的结果。',
  reason: '支付宝的原因', signLead: '等商户签约：把签约地址发给商户，用其支付宝扫码或打开确认。', signUrl: '签约地址', form: '申请表', formHelp: '证件号、个人信息和卡号已脱敏。', papers: '证照', noPapers: '还没有上传图片。', uploaded: '已传到支付宝', kept: '已保存',
  submit: '提交给支付宝', submitLead: '先检查表单和证照，再提交给支付宝审核。提交后不能删除。', submitDone: '已提交，等支付宝审核', remove: '删除申请', removeLead: '表单和图片一并删除，不能恢复。', removed: '已删除', submittedAt: '提交', decidedAt: '答复', externalId: '支付宝侧编号',
  address: '经营地址', card: '银行卡', holder: '户名',
  fields: {
    name: '名称', alias_name: '简称', merchant_type: '主体类型', mcc: '经营类目', cert_no: '证照号码', cert_name: '证件名称', legal_name: '法定代表人', legal_cert_no: '法人证件号', contact_name: '联系人', contact_mobile: '联系手机', contact_email: '联系邮箱',
    service_phone: '客服电话', service: '开通产品', site_url: '网站地址', site_name: '网站名称', qualification_type: '资质类型', alipay_logon_id: '结算支付宝账号', binding_alipay_logon_id: '签约支付宝账号',
  } as Record<Exclude<keyof Form, 'business_address' | 'settle_card'>, string>,
  types: {'01': '企业', '02': '事业单位', '03': '民办非企业组织', '04': '社会团体', '05': '党政及国家机关', '06': '个人商户', '07': '个体工商户'} as Record<NonNullable<Form['merchant_type']>, string>,
  see: '查看', seePaper: (what: string) => `查看${what}`, paperLead: '这次查看已记入审计日志。',
  purposes: {cert_image: '营业执照', cert_image_back: '营业执照背面', legal_cert_front_image: '法人身份证人像面', legal_cert_back_image: '法人身份证国徽面', license_auth_letter_image: '授权函', out_door_image: '门头照', in_door_image: '内景照', qualification_image: '行业资质'} as Record<Schema<'ImagePurpose'>, string>,
};

const en: typeof zh = {
  merchants: 'Merchants', merchant: 'Merchant', create: 'New merchant', edit: 'Edit', name: 'Name', kind: 'Kind', status: 'Status', smid: 'Alipay merchant number', contact: 'Contact', receiver: 'Receiving account', created: 'Created', id: 'Id', any: 'All',
  none: 'No merchant is like that', noneTodo: 'Look at another kind or status.', never: 'No merchants yet', neverTodo: 'Create a supplier, then apply for it at Alipay. It is paid once that is approved.',
  kinds: {distributor: 'Distributor', supplier: 'Supplier'}, contactHelp: 'Seen by the platform alone',
  createLead: 'A new merchant is paid once Alipay has approved its application.', madeDone: 'The merchant is there', saved: 'Saved', save: 'Save',
  suspend: 'Suspend', suspendLead: 'No more orders are created that it collects. Existing orders can still be paid, delivered, split and refunded, and it still receives its parts.', suspended: 'Suspended',
  reactivate: 'Reactivate', reactivateLead: 'Orders that it collects can be created again.', reactivated: 'Reactivated',
  setReceiver: 'Set receiving account', changeReceiver: 'Change receiving account', changeLead: 'Another person has to approve another account. It holds for later splits.', setLead: 'The parts of this merchant go to this Alipay account, from the next split on.',
  receiverType: 'Kind of account', userId: 'Number that begins with 2088', loginName: 'Mobile number or e-mail address', account: 'Account', submitChange: 'Ask for approval', asked: 'Asked for; another person decides', noReceiver: 'None: it cannot receive parts',
  can: 'What it can do', collects: 'Can collect', collectsNot: 'Cannot collect', receives: 'Can receive parts', receivesNot: 'Cannot receive parts', today: 'Sold today', frozen: 'Frozen until split', settled: 'Settled', facts: 'Facts',
  applications: 'Applications', noApplications: 'No applications. Create and submit one by the API; its progress is shown here.', inSandbox: 'Apply with sample papers', splits: 'Latest parts', noSplits: 'It has received no parts.', toOrders: 'Orders that it collected', returned: amount => `${amount} returned`,
  application: 'Application', audits: 'Audits', stages: {risk_review: 'Risk control', data_review: 'Papers', signing: 'Signature'}, noAudits: 'The results are shown once it is submitted.',
  reason: 'Alipay’s reason', signLead: 'It waits for the merchant’s signature: send the address to the merchant, who confirms it with Alipay.', signUrl: 'Address for signing', form: 'Form', formHelp: 'Numbers of papers and cards and what is personal are masked.', papers: 'Papers', noPapers: 'No pictures yet.', uploaded: 'At Alipay', kept: 'Kept',
  submit: 'Submit to Alipay', submitLead: 'The form and the papers are checked, then sent to Alipay. After that it cannot be deleted.', submitDone: 'Submitted: Alipay decides', remove: 'Delete application', removeLead: 'The form and its pictures are deleted, for good.', removed: 'Deleted', submittedAt: 'Submitted', decidedAt: 'Decided', externalId: 'Number at Alipay',
  address: 'Business address', card: 'Bank card', holder: 'Account holder',
  fields: {
    name: 'Name', alias_name: 'Short name', merchant_type: 'Kind of subject', mcc: 'Category', cert_no: 'Licence number', cert_name: 'Name on the papers', legal_name: 'Legal representative', legal_cert_no: 'Representative’s id number', contact_name: 'Contact', contact_mobile: 'Mobile', contact_email: 'E-mail',
    service_phone: 'Service phone', service: 'Products of Alipay', site_url: 'Site', site_name: 'Name of the site', qualification_type: 'Qualification', alipay_logon_id: 'Alipay account for settlement', binding_alipay_logon_id: 'Alipay account that signs',
  },
  types: {'01': 'Company', '02': 'Public institution', '03': 'Private non-enterprise', '04': 'Association', '05': 'Government body', '06': 'Person', '07': 'Sole proprietor'},
  see: 'See', seePaper: what => `See ${what}`, paperLead: 'That you looked is in the audit log.',
  purposes: {cert_image: 'Business licence', cert_image_back: 'Business licence, back', legal_cert_front_image: 'Representative’s id, front', legal_cert_back_image: 'Representative’s id, back', license_auth_letter_image: 'Letter of authority', out_door_image: 'Shop front', in_door_image: 'Shop inside', qualification_image: 'Qualification'},
};

export const merchants: Pair<typeof zh> = {zh, en};
