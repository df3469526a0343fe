// From sign-up to refund with the client that @hey-api/openapi-ts generated.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {client} from '../generated/hey-api/client.gen.js';
import * as zhitong from '../generated/hey-api/sdk.gen.js';
import {approve, image, papers, pay, Receiver, required} from './sandbox.js';

const name = 'hey-api ' + randomUUID().slice(0, 8);
const number = String(Date.now()).slice(-8);
const key = () => ({'Idempotency-Key': randomUUID()});
const throwOnError = true; // every answer but a success is thrown: a problem with a stable code

// Sign up, and listen.
client.setConfig({baseUrl: required('API')});
const {data: {api_key: {secret}}} = await zhitong.createTenant({
  throwOnError, headers: key(), body: {name, owner_email: 'owner@example.cn'},
});
client.setConfig({auth: secret});
const receiver = await Receiver.listen();
const {data: endpoint} = await zhitong.createWebhookEndpoint({throwOnError, body: {url: receiver.url}});
receiver.trust(endpoint.secret);

// A supplier applies to Alipay and is approved.
const {data: supplier} = await zhitong.createMerchant({throwOnError, headers: key(), body: {kind: 'supplier', name}});
const {data: application} = await zhitong.createApplication({
  throwOnError, path: {merchant_id: supplier.id},
  body: {
    name, alias_name: name, merchant_type: '01', mcc: 'B0205', cert_no: '91330100MA27XY7A19',
    legal_name: '李四', legal_cert_no: '330106198001011235',
    contact_name: '赵六', contact_mobile: '139' + number, contact_email: `ops${number}@example.cn`,
    service_phone: '057100000000', service: ['当面付', '电脑支付', 'wap支付'],
    site_url: 'https://shop.example.cn', site_name: name,
    business_address: {province_code: '330000', city_code: '330100', district_code: '330106', address: '文三路 1 号'},
    qualification_type: '310',
    binding_alipay_logon_id: `finance${number}@example.cn`, alipay_logon_id: `finance${number}@example.cn`,
  },
});
for (const purpose of papers) {
  await zhitong.putApplicationImage({throwOnError, path: {application_id: application.id, purpose}, body: image()});
}
await zhitong.submitApplication({throwOnError, path: {application_id: application.id}});
await approve((await zhitong.getAlipayConnection({throwOnError})).data.app_id);
await receiver.heard('onboarding.approved');
const {data: {status}} = await zhitong.getMerchant({throwOnError, path: {merchant_id: supplier.id}});
assert.equal(status, 'active');

// A product with card keys; five percent are the platform's.
const {data: rule} = await zhitong.createSplitRule({
  throwOnError, headers: key(), body: {name: '5 %', parts: [{receiver: 'platform', rate_bps: 500}]},
});
const {data: product} = await zhitong.createProduct({
  throwOnError, headers: key(),
  body: {
    name: '点券 100 元', price_fen: 10000,
    supplier_id: supplier.id, merchant_of_record_id: supplier.id, split_rule_id: rule.id,
  },
});
const cardKeys: string[] = [randomUUID(), randomUUID()];
const {data: {accepted}} = await zhitong.importCardKeys({
  throwOnError, path: {product_id: product.id}, headers: key(), body: {card_keys: cardKeys},
});
assert.equal(accepted, 2);

// An order, asked for twice, is one order.
const body = {items: [{product_id: product.id, quantity: 1}], reference: name, buyer_contact: '13800000000'};
const headers = key();
const {data: order} = await zhitong.createOrder({throwOnError, headers, body});
const again = await zhitong.createOrder({throwOnError, headers, body});
assert.equal(again.data.id, order.id);
assert.equal(again.response.headers.get('Idempotency-Replayed'), 'true');
const {error: reused} = await zhitong.createOrder({headers, body: {...body, reference: 'another'}});
assert.equal(reused?.code, 'idempotency_key_reused');

// The buyer pays; the card keys are delivered, the payment is split.
await pay(order.payment!.pay_url!);
const path = {order_id: order.id};
await receiver.heard('order.delivered');
assert.equal((await zhitong.getOrder({throwOnError, path})).data.status, 'delivered');
const {data: {card_keys: [delivered]}} = await zhitong.getOrderCardKeys({throwOnError, path});
assert.ok(cardKeys.includes(delivered!.card_key));
await receiver.heard('split.completed');
const {data: {parts}} = await zhitong.getOrderSplit({throwOnError, path});
assert.deepEqual(parts.map(p => p.amount_fen), [500]);

// Everything is given back.
const {data: refund} = await zhitong.createRefund({throwOnError, path, headers: key(), body: {reason: '测试'}});
const refunded = await receiver.heard('order.refunded');
const ofRefund = {refund_id: refund.id};
assert.equal((await zhitong.getRefund({throwOnError, path: ofRefund})).data.status, 'succeeded');
const {data: event} = await zhitong.getEvent({throwOnError, path: {event_id: refunded.id}});
assert.equal(event.type, 'order.refunded');
const {data: paid} = await zhitong.listEvents({throwOnError, query: {type: ['order.paid']}});
assert.equal(paid.data.length, 1);
receiver.close();

// A later version answers with values and fields that this client does not know yet.
client.setConfig({baseUrl: required('LATER')});
const unknown = required('UNKNOWN');
assert.equal((await zhitong.getOrder({throwOnError, path})).data.status, unknown);
assert.equal((await zhitong.listEvents({throwOnError})).data.data[0]?.type, unknown);
assert.equal((await zhitong.getRefund({throwOnError, path: ofRefund})).data.status, unknown);
