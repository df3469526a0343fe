// What a person does about a code of Alipay’s. Alipay’s own words are shown as they are; these stand below.
import type {Pair} from './texts.ts';

const account = {zh: '在接收方的商户页更换分账账号，由另一人批准后再重试。', en: 'Change the receiving account on the page of the merchant; once another person has approved it, retry.'};
const settling = {zh: '请收款商户在支付宝检查结算账户，处理好后重试。', en: 'Ask the merchant of record to look at its settlement account at Alipay, then retry.'};
const punished = {zh: '收款商户在支付宝被停用或处罚。请商户联系支付宝，恢复后重试。', en: 'Alipay has disabled the merchant of record. It has to talk to Alipay; retry once it is restored.'};
const frozen = {zh: '账户被冻结。请户主联系支付宝解冻，然后重试。', en: 'The account is frozen. Its owner has to talk to Alipay; then retry.'};
const busy = {zh: '支付宝繁忙，稍后重试。', en: 'Alipay is busy: retry later.'};
const balance = {zh: '付款方余额不足。请其充值，然后重试。', en: 'The payer has too little money there. Once it is topped up, retry.'};
const returning = {zh: '接收方无法退回分账。核对其账号与授权，再重新退款。', en: 'The receiver cannot give its part back. Look at its account and its authorisation, then refund again.'};
const over = {zh: '这笔交易不能再退款。请与买家协商用其他方式退还。', en: 'This trade cannot be refunded any more. Agree with the buyer on another way.'};
const given = {zh: '买家已经收回款项，不必再结算或分账。请核对订单的退款。', en: 'The buyer has the money back already: there is nothing to settle or split. Look at the refunds of the order.'};

const all = {
  ROYALTY_RECEIVER_INVALID: {zh: '接收方没有与平台绑定。核对其分账账号后重试，系统会重新绑定。', en: 'The receiver is not bound. Check its receiving account, then retry: it is bound anew.'},
  ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST: account, ROYALTY_ACCOUNT_NOT_EXIST: account, ROYALTY_ACCOUNT_INVALID: account, ROYALTY_ACCOUNT_NAME_NOT_MATCH: account,
  USER_LOGONID_DUP: {zh: '这个登录名属于多个账户。改用 2088 开头的账号，批准后重试。', en: 'Several accounts have this login name. Use the number that begins with 2088; once it is approved, retry.'},
  ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY: {zh: '请接收方在支付宝完成实名认证，然后重试。', en: 'Ask the receiver to verify its identity at Alipay, then retry.'},
  ROYALTY_RECEIVER_ACCOUNT_NO_BALANCE: {zh: '请接收方在支付宝开通余额账户，然后重试。', en: 'Ask the receiver to open a balance at Alipay, then retry.'},
  ROYALTY_ACCOUNTS_EQUAL: {zh: '接收方与收款商户是同一账号。更换接收方的账号后重试；以后的订单请发布新版本，去掉这一项。', en: 'Receiver and merchant of record have one account. Change the receiver’s and retry; for later orders, publish a version without this part.'},
  ALLOC_AMOUNT_VALIDATE_ERROR: {zh: '超过可分的金额。在支付宝核对分账比例上限，提高后重试。', en: 'More than may be split. Look at the cap that Alipay gives you; once it is raised, retry.'},
  NOT_SUPPORT_ROYALTY: {zh: '应用没有分账能力。在支付宝开放平台签约分账后重试。', en: 'The app may not split. Sign up for it at Alipay’s open platform, then retry.'},
  TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH: balance, SELLER_BALANCE_NOT_ENOUGH: balance,
  RISK_SETTLE_SUSPEND: {zh: '支付宝风控暂停了结算。请收款商户在支付宝处理，解除后再重试；在此之前重试没有用。', en: 'Alipay’s risk control holds the settlement. The merchant of record settles that with Alipay; to retry before is of no use.'},
  MERCHANT_RISK_LIMIT: punished, SECONDARY_MERCHANT_STATUS_ERROR: punished, SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT: punished, MERCHANT_STATUS_NOT_NORMAL: punished,
  SETTLE_ACCOUNT_HAS_BEEN_FROZEN: frozen, USER_ACCOUNT_HAD_FREEZEN: frozen, REASON_TRADE_BEEN_FREEZEN: {zh: '交易因风控或投诉被冻结。处理完投诉后重试。', en: 'The trade is frozen for risk or a complaint. Settle that, then retry.'},
  SETTLE_ACCOUNT_NOT_EXIST: settling, SETTLE_ACCOUNT_NOT_CERTIFY: settling, SETTLE_ACCOUNT_NO_BALANCE: settling, SETTLE_ACCOUNT_INVALID: settling, DEFAULT_SETTLE_RULE_NOT_EXIST: settling, SECONDARY_MERCHANT_ALIPAY_ACCOUNT_NOT_EXIST: settling, SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID: settling,
  ALLOC_REFUSE_AFTER_REFUND: given, CONFIRM_REFUSE_AFTER_REFUND: given, TRADE_HAS_CLOSE: given,
  FREQUENCY_LIMITED: busy, SYSTEM_ERROR: busy,
  REFUNDALLOC_UNAUTH_LIMIT: returning, REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST: returning, REFUND_ACCOUNT_NOT_EXIST: returning,
  TRADE_HAS_FINISHED: over, TRADE_NOT_ALLOW_REFUND: over, ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND: over,
} as const;

export type AlipayCode = keyof typeof all;

const of = (lang: 'zh' | 'en') => Object.fromEntries(Object.entries(all).map(([code, words]) => [code, words[lang]])) as Record<string, string>;

export const remedies: Pair<Record<string, string>> = {zh: of('zh'), en: of('en')};

// codeIn finds Alipay’s code in what it said: ACQ.RISK_SETTLE_SUSPEND, with words around it or without.
export const codeIn = (said: string): string | undefined => [...said.matchAll(/\b(?:ACQ\.)?([A-Z]+(?:_[A-Z]+)+)\b/g)].map(m => m[1]).find(code => code !== undefined && code in all);
