// Money in the console: a rule is made while it is simulated, two people edit one product, a refund goes by the keyboard alone, and a refused split is taken up again.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {quiet, widths} from './browser.mjs';
import {look, settled} from './look.mjs';
import {axe} from './pages.mjs';
import {joined} from './people.mjs';
import {pay, until} from './program.mjs';

const picture = async (page, name) => {
  if (!process.env.LOOK) return;
  for (const size of [widths.phone, widths.desk]) {
    await page.setViewportSize(size);
    await page.screenshot({path: `${process.env.LOOK}/console-${name}-${size.width}.png`});
  }
};

// tabTo presses Tab until the focus is on what has this name, and demands that it is seen where the focus is.
async function tabTo(page, name, most = 60) {
  for (let n = 0; n < most; n++) {
    await page.keyboard.press('Tab');
    const on = await page.evaluate(() => {
      const e = document.activeElement;
      if (e === null || e === document.body) return null;
      return {name: e.getAttribute('aria-label') ?? e.labels?.[0]?.innerText ?? e.innerText.trim(), seen: getComputedStyle(e).outlineStyle !== 'none' || getComputedStyle(e).boxShadow !== 'none'};
    });
    if (on === null) continue;
    assert.ok(on.seen, `the focus on “${on.name}” is not seen`);
    if (on.name === name) return;
  }
  assert.fail(`${most} times Tab do not lead to ${name}`);
}

export default function money(world) {
  const {program} = world, {api, info} = program, base = `/console/${info.tenant_id}`;
  const split = order => api.send('GET', `/v1/orders/${order.id}/split`);
  const sold = async (quantity, status = 'completed') => {
    const order = await api.order([{product_id: info.product_id, quantity}], {buyer_contact: '13912345678'});
    await pay(order);
    await api.becomes(order, 'delivered');
    await until('it is split', async () => { const {status: answer, body} = await split(order); return answer === 200 && body.status === status; });
    return api.get('/v1/orders/' + order.id);
  };

  test('money in the console: a split rule is made while it is simulated; its versions stand beside each other; it is archived and comes back', async () => {
    const me = await joined(world, api, 'guize@example.cn', 'admin', {size: widths.desk}), {page} = me, receivers = (await api.get('/v1/merchants?limit=100')).data.filter(m => m.receiver !== undefined);
    assert.ok(receivers.length > 0, 'nobody can receive a part: this shows nothing');
    await page.goto(`${me.home}${base}/rules`);
    await settled(page);
    await look(page, 'rules');
    await page.getByRole('link', {name: '新建规则'}).click();
    await page.waitForURL('**/rules/new');
    const simulated = page.getByRole('region', {name: '试算'});
    await simulated.getByText('¥95.00', {exact: true}).waitFor(); // five per cent of a hundred yuan are the platform's
    await page.getByLabel('名称').fill('试算规则');
    await page.getByRole('button', {name: '增加一方'}).click();
    const second = page.getByRole('region', {name: '第 2 项'});
    await page.getByRole('button', {name: '发布规则'}).click();
    await second.getByText('必填').waitFor(); // the server names the field
    await second.getByLabel('比例（%）').fill('30');
    await simulated.getByText('比例合计超过支付宝上限 30.00 %').waitFor();
    await second.getByLabel('比例（%）').fill('2.5');
    await page.getByLabel('付款金额').fill('9.99');
    await simulated.getByText('¥9.25', {exact: true}).waitFor(); // 7.5 % of 9.99 are 0.74, to the fen
    await simulated.getByText('在支付宝上限之内').waitFor();
    await look(page, 'rules-new');
    await page.getByRole('button', {name: '发布规则'}).click();
    await page.waitForURL('**/rules/spr_*');
    await page.getByRole('link', {name: '新版本'}).click();
    await page.waitForURL('**/new');
    await page.getByRole('button', {name: '发布第 2 版'}).click();
    await page.getByText('还没有改动').waitFor();
    await page.getByRole('region', {name: '第 1 项'}).getByLabel('比例（%）').fill('7');
    // Meanwhile another person publishes a version.
    const id = page.url().match(/spr_\w+/)[0], other = await api.post(`/v1/split_rules/${id}/versions`, {parts: [{receiver: 'platform', rate_bps: 600}]});
    assert.equal(other.version, 2);
    await page.getByRole('button', {name: '发布第 2 版'}).click();
    await page.getByText('没有保存：这条记录刚被别人改过。').waitFor();
    await page.getByText('分给谁现在是 平台 6.00 %').waitFor();
    await page.getByRole('button', {name: '载入最新，保留我填的'}).click();
    assert.equal(await page.getByRole('region', {name: '第 1 项'}).getByLabel('比例（%）').inputValue(), '7');
    await page.getByRole('button', {name: '发布第 3 版'}).click();
    await page.waitForURL('**/rules/spr_*');
    await page.getByText('6.00 % → 7.00 %').waitFor();
    await page.getByLabel('从', {exact: true}).selectOption('1');
    await page.waitForURL('**a=1*');
    await page.getByText('5.00 % → 7.00 %').waitFor();
    await settled(page);
    await look(page, 'rule');
    for (const [button, word] of [['归档', '已归档'], ['恢复使用', '使用中']]) {
      await page.getByRole('button', {name: button, exact: true}).click();
      await page.getByRole('dialog').getByRole('button', {name: button, exact: true}).click();
      await page.locator('h1 + span').getByText(word).waitFor();
    }
    const used = (await api.get('/v1/products/' + info.product_id)).split_rule_id;
    await page.goto(`${me.home}${base}/rules/${used}`);
    await page.getByRole('button', {name: '归档', exact: true}).click();
    await page.getByRole('dialog').getByRole('button', {name: '归档', exact: true}).click();
    await page.getByRole('dialog').getByText('先为使用它的在售商品更换规则').waitFor();
    quiet(me.seen, [me.home], 'split rules');
    await me.close();
  });

  test('money in the console: two tabs edit one product; the second is told and loses nothing', async () => {
    const {supplier_id, merchant_of_record_id, split_rule_id} = await api.get('/v1/products/' + info.product_id), product = await api.post('/v1/products', {name: '两人改的商品', price_fen: 10_000, supplier_id, merchant_of_record_id, split_rule_id});
    const me = await joined(world, api, 'bianji@example.cn', 'admin', {size: widths.desk}), {page: first, context} = me, second = await context.newPage(), sent = [];
    context.on('request', r => { if (r.method() === 'PATCH') sent.push(r.headers()['if-match']); });
    for (const page of [first, second]) {
      await page.goto(`${me.home}${base}/products/${product.id}`);
      await page.getByRole('button', {name: '编辑'}).click();
    }
    const form = second.getByRole('dialog');
    await form.getByLabel('名称').fill('我起的名字');
    await first.getByRole('dialog').getByLabel('价格').fill('120.00');
    await first.getByRole('dialog').getByRole('button', {name: '保存'}).click();
    await first.getByText('已保存').waitFor();
    await form.getByRole('button', {name: '保存'}).click();
    await form.getByText('没有保存：这条记录刚被别人改过。').waitFor();
    await form.getByText('价格现在是 120.00').waitFor();
    assert.deepEqual(await axe(second), [], 'a record that was changed meanwhile');
    await picture(second, 'changed-meanwhile');
    assert.equal((await api.get('/v1/products/' + product.id)).name, '两人改的商品', 'the second tab has overwritten');
    await form.getByRole('button', {name: '载入最新，保留我填的'}).click();
    assert.deepEqual([await form.getByLabel('名称').inputValue(), await form.getByLabel('价格').inputValue()], ['我起的名字', '120.00']);
    await form.getByRole('button', {name: '保存'}).click();
    await second.getByText('已保存').waitFor();
    const now = await api.get('/v1/products/' + product.id);
    assert.deepEqual([now.name, now.price_fen], ['我起的名字', 12_000]);
    assert.equal(sent.length, 3);
    assert.ok(sent.every(tag => /^"\w+"$/.test(tag ?? '')), `an edit went without If-Match: ${sent.join()}`);
    assert.equal(sent[0], sent[1], 'both began with one state: else this shows nothing');
    quiet(me.seen, [me.home], 'two tabs');
    await me.close();
  });

  test('money in the console: a supporter finds an order and refunds it without a mouse', async () => {
    const order = await sold(1), me = await joined(world, api, 'jianpan@example.cn', 'finance', {size: widths.desk}), {page} = me;
    await page.goto(me.home + base);
    await settled(page);
    await page.keyboard.press('/');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type(order.payment.trade_no);
    await page.getByRole('option').filter({hasText: '结果'}).first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/orders/${order.id}`);
    await page.getByRole('button', {name: '退款 ¥100.00'}).waitFor();
    await tabTo(page, '退款 ¥100.00');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('可以退款').waitFor();
    const plan = await dialog.getByRole('table', {name: '谁退回多少'}).locator('tbody tr').evaluateAll(rows => rows.map(r => [...r.querySelectorAll('td')].map(d => d.innerText)));
    assert.ok(plan.length > 1, 'nobody but the merchant gives anything back: this shows little');
    assert.ok(plan.every(([has, gives, after]) => has === gives && after === '¥0.00'), JSON.stringify(plan));
    assert.deepEqual(await axe(page), [], 'refund');
    if (!await page.evaluate(() => document.activeElement?.labels?.[0]?.innerText === '退款原因')) await tabTo(page, '退款原因');
    await page.keyboard.type('卡密无法使用');
    await tabTo(page, '退款 ¥100.00');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', {name: '退款成功'}).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({state: 'detached'});
    await page.locator('h1 + span').getByText('已退款').waitFor();
    const {data} = await api.get(`/v1/orders/${order.id}/refunds`);
    assert.deepEqual(data.map(r => [r.reason, r.status, r.amount_fen]), [['卡密无法使用', 'succeeded', 10_000]]);
    await picture(page, 'refunded');
    quiet(me.seen, [me.home], 'a refund by the keyboard');
    await me.close();
  });

  test('money in the console: a refused split says why and what to do, and is taken up again', async () => {
    await world.stage.reviewed; // whoever ends that takes every fault away
    const {app_id} = await api.get('/v1/alipay_connection');
    await program.desk('POST', '/faults', {kind: 'business_error', sub_code: 'ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY', app_id, method: 'alipay.trade.order.settle', times: 1});
    const order = await sold(1, 'refused'), me = await joined(world, api, 'fenzhang@example.cn', 'finance', {size: widths.desk}), {page} = me;
    await program.desk('DELETE', '/faults');
    await page.goto(`${me.home}${base}/splits?status=refused`);
    await page.getByText('ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY').first().waitFor();
    await page.getByText('请接收方在支付宝完成实名认证').first().waitFor();
    await settled(page);
    await look(page, 'splits-refused-why');
    await page.goto(`${me.home}${base}/orders/${order.id}`);
    await page.getByText('请接收方在支付宝完成实名认证').waitFor();
    await settled(page);
    await look(page, 'order-refused');
    await page.goto(`${me.home}${base}/splits?status=refused`);
    await page.getByRole('button', {name: '重试'}).first().click();
    await until('it is split after all', async () => (await split(order)).body.status === 'completed');
    quiet(me.seen, [me.home], 'a refused split');
    await me.close();
  });
}
