// The official Node SDK against the simulator, in key and certificate mode: order, page, payment, query, refund, close, a
// refusal whose reason can be read, and a notification that the SDK verifies.
import assert from 'node:assert/strict';
import {generateKeyPairSync} from 'node:crypto';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {AlipaySdk} from 'alipay-sdk';
import {required} from './sandbox.js';

const simulator = required('SIMULATOR');

async function desk(method: string, path: string, body?: object): Promise<any> {
  const answer = await fetch(simulator + '/desk/api' + path,
    {method, headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

const newKey = () => generateKeyPairSync('rsa', {modulusLength: 2048});
const pem = (key: ReturnType<typeof newKey>) => key.privateKey.export({type: 'pkcs8', format: 'pem'}).toString();

async function walk(certificates: boolean): Promise<void> {
  const [number, other] = [1, 2].map(n => `node-${new Date().getTimezoneOffset()}-${certificates ? 'certificate' : 'key'}-${n}`) as [string, string];
  const key = newKey();
  const app = await desk('POST', '/apps', {
    name: 'the official SDK', products: ['face_to_face', 'page'], certificate_mode: certificates,
    public_key: key.publicKey.export({type: 'spki', format: 'pem'}).toString(),
  });
  const config = {
    appId: app.app_id, keyType: 'PKCS8' as const, gateway: app.gateway_url, ...(certificates
      ? {appCertContent: app.app_certificate, alipayPublicCertContent: app.alipay_certificate,
          alipayRootCertContent: app.root_certificate}
      : {alipayPublicKey: app.alipay_public_key}),
  };
  const sdk = new AlipaySdk({...config, privateKey: pem(key)});
  const call = async (method: string, bizContent: object, more: object = {}) => {
    const result = await sdk.exec(method, {bizContent, ...more}, {validateSign: true});
    assert.equal(result.code, '10000', JSON.stringify(result));
    assert.ok(result.traceId);
    return result;
  };

  const notified: Record<string, string>[] = [];
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    notified.push(Object.fromEntries(new URLSearchParams(body)));
    response.end('success');
  });
  await new Promise<void>(done => receiver.listen(0, '127.0.0.1', done));
  const notifyUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/notify`;
  try {
    const order = (out_trade_no: string) => ({out_trade_no, total_amount: '88.80', subject: '游戏点卡 100%'});
    const arrived = new Promise<void>(done => receiver.once('request', (_, response) => response.once('close', done)));
    const {qrCode} = await call('alipay.trade.precreate', order(number), {notifyUrl});
    assert.match(qrCode, /\/cashier\//);
    await desk('POST', `/trades/${number}/pay`, {});
    const trade = await call('alipay.trade.query', {out_trade_no: number});
    assert.equal(trade.tradeStatus, 'TRADE_SUCCESS');
    assert.equal(trade.totalAmount, '88.80');
    await arrived;
    assert.equal(notified[0]?.trade_status, 'TRADE_SUCCESS');
    assert.equal(sdk.checkNotifySignV2({...notified[0]}), true);
    assert.equal(sdk.checkNotifySignV2({...notified[0], total_amount: '0.01'}), false);

    const refund = await call('alipay.trade.refund',
      {out_trade_no: number, refund_amount: '8.80', out_request_no: 'R1', refund_reason: '少一张'});
    assert.equal(refund.refundFee, '8.80');

    const page = await fetch(sdk.pageExec('alipay.trade.page.pay', 'GET',
      {bizContent: {...order(other), product_code: 'FAST_INSTANT_TRADE_PAY'}, returnUrl: 'https://shop.example/back'}));
    assert.match(page.url, /\/cashier\//, await page.text());
    await call('alipay.trade.close', {out_trade_no: other});
    assert.equal((await call('alipay.trade.query', {out_trade_no: other})).tradeStatus, 'TRADE_CLOSED');

    const stranger = new AlipaySdk({...config, privateKey: pem(newKey())});
    const refused = await stranger.exec('alipay.trade.query', {bizContent: {out_trade_no: number}},
      {validateSign: true});
    assert.deepEqual([refused.code, refused.subCode], ['40002', 'isv.invalid-signature']);
    assert.match(refused.subMsg, /网关生成的验签字符串为：.*biz_content=\{&quot;out_trade_no&quot;/);
  } finally {
    receiver.close();
    receiver.closeAllConnections();
  }
}

const minutes = {UTC: 0, 'Asia/Shanghai': -480}[process.env['TZ'] ?? ''];
assert.equal(new Date().getTimezoneOffset(), minutes, 'this walk is for a machine in UTC or in China');
await walk(false);
await walk(true);
