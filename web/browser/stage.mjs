// The scene of the tests: an order in each state of its life, and somebody who types script wherever the API lets him.
import {createSign, generateKeyPairSync, randomUUID} from 'node:crypto';
import {pay, until, uuid, Api} from './program.mjs';

// script is what must never run: as an element, and out of an attribute. It is as long as the shortest field takes.
export const script = `'"><script>canary(1)</script><img src=x onerror=canary(2)>`;

const paper = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADklEQVR42mNogAIGyhgAgIQgARDoahcAAAAASUVORK5CYII=', 'base64'); // 8 × 8 grey points
const papers = ['cert_image', 'legal_cert_front_image', 'legal_cert_back_image', 'out_door_image', 'in_door_image', 'qualification_image'];

// form is a company's; its numbers are nobody's.
function form(name, number) {
  return {
    name, alias_name: name, merchant_type: '01', mcc: 'B0205', cert_no: '91330100MA27XY7A19', legal_name: '李四', legal_cert_no: '330106198001011235',
    contact_name: '赵六', contact_mobile: '139' + number, contact_email: `ops${number}@example.cn`, service_phone: '057100000000',
    service: ['当面付', '电脑支付', 'wap支付'], site_url: 'https://shop.example.cn', site_name: name,
    business_address: {province_code: '330000', city_code: '330100', district_code: '330106', address: '文三路 1 号'},
    qualification_type: '310', binding_alipay_logon_id: `finance${number}@example.cn`, alipay_logon_id: `finance${number}@example.cn`,
  };
}

// applied is a merchant whose application is at the desk.
export async function applied(program, api, merchantName, formName, number) {
  const merchant = await api.post('/v1/merchants', {kind: 'supplier', name: merchantName});
  const application = await api.post(`/v1/merchants/${merchant.id}/applications`, form(formName, number));
  await Promise.all(papers.map(p => api.call('PUT', `/v1/applications/${application.id}/images/${p}`, paper)));
  await api.post(`/v1/applications/${application.id}/submit`);
  const atDesk = await until('the application is at the desk', async () => (await program.desk('GET', '/applications?external_id=' + application.external_id)).applications[0]);
  return {merchant, application, atDesk};
}

export async function build(program) {
  const {api, info} = program;
  const product = await api.get('/v1/products/' + info.product_id);
  const buy = (quantity, more) => api.order([{product_id: product.id, quantity}], {buyer_contact: '138****0000', ...more});
  const orders = {};
  const paid = async (order, status = 'delivered') => { await pay(order); return api.becomes(order, status); };

  // The order for review first: it has to wait for the watch. Alipay's word of the payment is lost, and the answer to the question names another amount.
  orders.review = await buy(1);
  const app = (await api.get('/v1/alipay_connection')).app_id;
  await program.desk('POST', '/faults', {kind: 'notification_drop', app_id: app, times: 1});
  await program.desk('POST', '/faults', {kind: 'wrong_amount', app_id: app, method: 'alipay.trade.query'});
  await pay(orders.review);
  const reviewed = api.becomes(orders.review, 'needs_review').then(() => program.desk('DELETE', '/faults')); // awaited by who shows it
  reviewed.catch(() => {});
  await until('the notification is lost', async () => (await program.desk('GET', '/notifications?status=dropped')).notifications.length > 0);

  const refund = async order => {
    await until('the split is over', async () => {
      const {status, body} = await api.send('POST', `/v1/orders/${order.id}/refunds`, {reason: '测试'}, {'Idempotency-Key': randomUUID()});
      if (status >= 300 && body.code !== 'split_in_progress') throw new Error(`refund: ${status} ${body.code}`);
      return status < 300;
    });
    return api.becomes(order, 'refunded');
  };
  await Promise.all([
    buy(2).then(paid).then(o => { orders.delivered = o; }),
    buy(12).then(paid).then(o => { orders.many = o; }),
    buy(1).then(paid).then(refund).then(o => { orders.refunded = o; }),
    buy(1).then(async o => { await api.post(`/v1/orders/${o.id}/close`); orders.closed = o; }),
    buy(2).then(o => { orders.pay = o; }),
    buy(1, {channel: 'page'}).then(o => { orders.page = o; }),
    // These three last a moment only in life.
    buy(1).then(async o => { await program.sql(`UPDATE payments SET pay_url = '' WHERE order_id = '${uuid(o.id)}'`); orders.preparing = o; }),
    buy(1).then(async o => {
      await program.sql(`UPDATE river.river_job SET scheduled_at = now() + interval '1 hour' WHERE kind = 'payment_watch' AND args::text LIKE '%${uuid(o.payment.id)}%';
        UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = '${uuid(o.id)}'`);
      orders.expired = o;
    }),
    buy(1).then(async o => { await program.sql(`UPDATE orders SET status = 'paid', paid_at = now() WHERE id = '${uuid(o.id)}'`); orders.paid = o; }),
    applied(program, api, '候审供货商', '杭州候审网络有限公司', '00000001'),
  ]);
  const trade = await program.desk('GET', '/trades/' + orders.delivered.payment.out_trade_no);
  const complaint = await program.desk('POST', '/complaints', {trade: trade.trade_no, complain_reason: '卡密无法使用', content: '兑换时提示卡密已被使用。'});
  return {product, orders, reviewed, trade, complaint, app, shop: await shop(program)};
}

// shop is another program of the simulator's, which sends its buyers to the pages that the product does not use: H5 and app. It signs as Alipay's clients do.
async function shop(program) {
  const {publicKey, privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048, publicKeyEncoding: {type: 'spki', format: 'pem'}, privateKeyEncoding: {type: 'pkcs8', format: 'pem'}});
  const app = await program.desk('POST', '/apps', {name: '别家商店', public_key: publicKey, products: ['wap', 'app', 'page']});
  const skew = Date.parse((await program.desk('GET', '/clock')).now) - Date.now(); // it signs by the simulator's clock, which need not be the machine's
  return method => {
    const now = new Date(Date.now() + skew + 8 * 3600_000).toISOString().slice(0, 19).replace('T', ' ');
    const code = {'alipay.trade.wap.pay': 'QUICK_WAP_WAY', 'alipay.trade.app.pay': 'QUICK_MSECURITY_PAY', 'alipay.trade.page.pay': 'FAST_INSTANT_TRADE_PAY'}[method];
    const parameters = {
      app_id: app.app_id, method, format: 'JSON', charset: 'utf-8', sign_type: 'RSA2', version: '1.0', timestamp: now, ...(!method.includes('.app.') && {return_url: program.simulator + '/desk/clock'}),
      biz_content: JSON.stringify({out_trade_no: randomUUID().replaceAll('-', ''), total_amount: '88.80', subject: '一张充值卡', product_code: code, ...(method.includes('.wap.') && {quit_url: program.simulator + '/desk'})}),
    };
    const text = Object.keys(parameters).sort().map(k => `${k}=${parameters[k]}`).join('&');
    const sign = createSign('RSA-SHA256').update(text).sign(privateKey, 'base64');
    return `${program.simulator}/gateway.do?${new URLSearchParams({...parameters, sign})}`;
  };
}

// attacker is a tenant that types script wherever the API takes text, and whose merchant does so at Alipay.
export async function attacker(program) {
  const api = new Api(program.api.url);
  const tenant = await api.call('POST', '/v1/tenants', {name: script, owner_email: 'attacker@example.cn'}, {'Idempotency-Key': randomUUID()});
  api.key = tenant.api_key.secret;
  const {merchant, atDesk} = await applied(program, api, script, '杭州脚本网络有限公司', '00000002');
  await program.desk('POST', `/applications/${atDesk.order_id}/approve`, {memo: script});
  await until('the merchant is active', async () => (await api.get('/v1/merchants/' + merchant.id)).status === 'active');
  const rule = await api.post('/v1/split_rules', {name: script, parts: [{receiver: 'platform', rate_bps: 500}]});
  const product = await api.post('/v1/products', {name: script, price_fen: 100, supplier_id: merchant.id, merchant_of_record_id: merchant.id, split_rule_id: rule.id});
  await api.post(`/v1/products/${product.id}/card_keys`, {card_keys: [script + 1, script + 2, script + 3]});
  const make = () => api.order([{product_id: product.id, quantity: 1}], {buyer_contact: script, reference: script});
  const [order, open] = [await make(), await make()];
  await pay(order);
  await api.becomes(order, 'delivered');
  const trade = await program.desk('GET', '/trades/' + order.payment.out_trade_no);
  const complaint = await program.desk('POST', '/complaints', {trade: trade.trade_no, complain_reason: script, content: script, leaf_category_name: script});
  await program.desk('PATCH', '/complaints/' + complaint.complain_event_id, {reply: script});
  const app = (await api.get('/v1/alipay_connection')).app_id;
  await program.desk('PATCH', '/apps/' + app, {name: script});
  const note = (await program.desk('GET', '/notifications?app_id=' + app)).notifications[0];
  return {api, order, open, smid: trade.smid, trade, complaint, app, note, application: atDesk.order_id};
}
