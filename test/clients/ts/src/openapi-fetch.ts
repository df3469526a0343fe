// From sign-up to refund with a client that openapi-typescript generated and openapi-fetch sends.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import createClient from 'openapi-fetch';
import type {components, paths} from '../generated/openapi-typescript.js';
import {approve, image, papers, pay, Receiver, required} from './sandbox.js';

const name = 'openapi-fetch ' + randomUUID().slice(0, 8);
const number = String(Date.now()).slice(-8);
const key = () => ({header: {'Idempotency-Key': randomUUID()}});

// must is the answer's body; every other answer is a problem with a stable code.
function must<T>({data, error}: {data?: T; error?: components['schemas']['Problem']}): T {
  if (error) throw new Error(`${error.code}: ${error.detail ?? error.title} (${error.instance})`);
  return data as T;
}

let api = createClient<paths>({baseUrl: required('API')});

// Sign up, and listen.
const {api_key: {secret}} = must(await api.POST('/v1/tenants', {
  params: key(), body: {name, owner_email: 'owner@example.cn'},
}));
const authorized = (baseUrl: string) => createClient<paths>({baseUrl, headers: {Authorization: `Bearer ${secret}`}});
api = authorized(required('API'));
const receiver = await Receiver.listen();
const endpoint = must(await api.POST('/v1/webhook_endpoints', {body: {url: receiver.url}}));
receiver.trust(endpoint.secret);

// A supplier applies to Alipay and is approved.
const supplier = must(await api.POST('/v1/merchants', {params: key(), body: {kind: 'supplier', name}}));
const application = must(await api.POST('/v1/merchants/{merchant_id}/applications', {
  params: {path: {merchant_id: supplier.id}},
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
}));
for (const purpose of papers) {
  must(await api.PUT('/v1/applications/{application_id}/images/{purpose}', {
    params: {path: {application_id: application.id, purpose}},
    headers: {'Content-Type': 'image/png'}, body: image(), bodySerializer: body => body,
  }));
}
must(await api.POST('/v1/applications/{application_id}/submit', {params: {path: {application_id: application.id}}}));
await approve(must(await api.GET('/v1/alipay_connection')).app_id);
await receiver.heard('onboarding.approved');
const {status} = must(await api.GET('/v1/merchants/{merchant_id}', {params: {path: {merchant_id: supplier.id}}}));
assert.equal(status, 'active');

// A product with card keys; five percent are the platform's.
const rule = must(await api.POST('/v1/split_rules', {
  params: key(), body: {name: '5 %', parts: [{receiver: 'platform', rate_bps: 500}]},
}));
const product = must(await api.POST('/v1/products', {
  params: key(),
  body: {
    name: '点券 100 元', price_fen: 10000,
    supplier_id: supplier.id, merchant_of_record_id: supplier.id, split_rule_id: rule.id,
  },
}));
const cardKeys: string[] = [randomUUID(), randomUUID()];
const {accepted} = must(await api.POST('/v1/products/{product_id}/card_keys', {
  params: {path: {product_id: product.id}, ...key()}, body: {card_keys: cardKeys},
}));
assert.equal(accepted, 2);

// An order, asked for twice, is one order.
const body = {items: [{product_id: product.id, quantity: 1}], reference: name, buyer_contact: '13800000000'};
const same = key();
const order = must(await api.POST('/v1/orders', {params: same, body}));
const again = await api.POST('/v1/orders', {params: same, body});
assert.equal(must(again).id, order.id);
assert.equal(again.response.headers.get('Idempotency-Replayed'), 'true');
const {error: reused} = await api.POST('/v1/orders', {params: same, body: {...body, reference: 'another'}});
assert.equal(reused?.code, 'idempotency_key_reused');

// The buyer pays; the card keys are delivered, the payment is split.
await pay(order.payment!.pay_url!);
const params = {path: {order_id: order.id}};
await receiver.heard('order.delivered');
assert.equal(must(await api.GET('/v1/orders/{order_id}', {params})).status, 'delivered');
const [delivered] = must(await api.GET('/v1/orders/{order_id}/card_keys', {params})).card_keys;
assert.ok(cardKeys.includes(delivered!.card_key));
await receiver.heard('split.completed');
const {parts} = must(await api.GET('/v1/orders/{order_id}/split', {params}));
assert.deepEqual(parts.map(p => p.amount_fen), [500]);

// Everything is given back.
const refund = must(await api.POST('/v1/orders/{order_id}/refunds', {
  params: {...params, ...key()}, body: {reason: '测试'},
}));
const refunded = await receiver.heard('order.refunded');
const ofRefund = {params: {path: {refund_id: refund.id}}};
assert.equal(must(await api.GET('/v1/refunds/{refund_id}', ofRefund)).status, 'succeeded');
const event = must(await api.GET('/v1/events/{event_id}', {params: {path: {event_id: refunded.id}}}));
assert.equal(event.type, 'order.refunded');
assert.equal(must(await api.GET('/v1/events', {params: {query: {type: ['order.paid']}}})).data.length, 1);
receiver.close();

// A later version answers with values and fields that this client does not know yet.
const later = authorized(required('LATER')), unknown = required('UNKNOWN');
assert.equal(must(await later.GET('/v1/orders/{order_id}', {params})).status, unknown);
assert.equal(must(await later.GET('/v1/events', {})).data[0]?.type, unknown);
assert.equal(must(await later.GET('/v1/refunds/{refund_id}', ofRefund)).status, unknown);
