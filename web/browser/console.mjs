// The operator's console, by people who work in it: each page looked at, a supporter's refund with the word of a second person, a session that ends in the middle,
// script that others have typed, and what a role must not see.
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {test} from 'node:test';
import {quiet, visitor, widths} from './browser.mjs';
import {look, settled} from './look.mjs';
import {axe} from './pages.mjs';
import {codeOf, joined, password} from './people.mjs';
import {pay, until} from './program.mjs';
import {script} from './stage.mjs';

const short = process.env.SHORT === '1', contact = '13912345678';

export default function operators(world) {
  const {program, browser, attack} = world, {api, info} = program, base = `/console/${info.tenant_id}`;

  // sold is an order that was paid, delivered and split: it can be refunded at once.
  const sold = async quantity => {
    const order = await api.order([{product_id: info.product_id, quantity}], {buyer_contact: contact});
    await pay(order);
    await api.becomes(order, 'delivered');
    await until('it is split', async () => { const {status, body} = await api.send('GET', `/v1/orders/${order.id}/split`); return status === 200 && body.status === 'completed'; });
    return api.get('/v1/orders/' + order.id);
  };
  const pages = (order, merchant, application, rule) => ({home: base, orders: base + '/orders', 'orders-filtered': base + '/orders?status=delivered&from=2020-01-01', 'orders-none': base + '/orders?reference=nothing', order: `${base}/orders/${order}`,
    refunds: base + '/refunds', tasks: base + '/tasks', approvals: base + '/approvals',
    merchants: base + '/merchants', 'merchants-none': base + '/merchants?status=suspended', merchant: `${base}/merchants/${merchant}`, application: `${base}/applications/${application}`,
    products: base + '/products', product: `${base}/products/${info.product_id}`, 'card-keys': `${base}/products/${info.product_id}/card_keys`,
    rules: base + '/rules', 'rules-none': base + '/rules?status=archived', 'rules-new': base + '/rules/new', rule: `${base}/rules/${rule}`, 'rule-new': `${base}/rules/${rule}/new`,
    splits: base + '/splits', 'splits-refused': base + '/splits?status=refused', cases: base + '/cases', 'cases-mine': base + '/cases?view=mine', 'cases-closed': base + '/cases?view=closed',
    keys: base + '/keys', 'keys-new': base + '/keys/new', webhooks: base + '/webhooks', events: base + '/events', 'events-filtered': base + '/events?type=order.paid',
    members: base + '/members', roles: base + '/roles', audit: base + '/audit', 'audit-filtered': base + '/audit?actor_kind=member', platform: base + '/platform', brand: base + '/brand', alipay: base + '/alipay', 'alipay-keys': base + '/alipay/keys',
    requests: base + '/requests', 'requests-failed': base + '/requests?outcome=failed', notices: base + '/notices', 'notices-sent': base + '/notices?show=sent', 'notices-texts': base + '/notices?show=texts', 'notice-text': base + '/notices/texts/case.opened/zh',
    import: `${base}/products/${info.product_id}/import`, 'products-named': base + '/products?name=nothing',
    missing: base + '/no/such/page', 'missing-order': base + '/orders/ord_00000000000000000000000000'});

  test('sign-in leads to the console; every page fits, is named, and asks nobody else; the keyboard goes everywhere', async () => {
    const order = await sold(1), me = await joined(world, api, 'zhangmin@example.cn', 'admin', {size: widths.desk}), {page, seen, home} = me;
    await page.goto(home + '/sign-in');
    await page.waitForURL('**' + base);
    await settled(page);
    assert.match(await page.title(), /^\[沙箱\] 首页 · /);
    const {merchant_of_record_id: merchant, split_rule_id: rule} = await api.get('/v1/products/' + info.product_id), [application] = (await api.get('/v1/applications')).data;
    for (const lang of short ? ['zh'] : ['zh', 'en']) {
      for (const [name, where] of Object.entries(pages(order.id, merchant, application.id, rule))) {
        const answer = await page.goto(`${home}${where}${where.includes('?') ? '&' : '?'}lang=${lang}`);
        assert.match(answer.headers()['content-security-policy'], /frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'/);
        await settled(page);
        assert.equal(await page.locator('html').getAttribute('lang'), lang === 'zh' ? 'zh-CN' : 'en');
        if (!name.startsWith('missing')) assert.doesNotMatch(page.url(), /lang=/, 'an address says what is shown and nothing else');
        await look(page, `${name}-${lang}`);
      }
    }
    await page.goto(home + base + '?lang=zh');
    await settled(page);
    for (const [keys, where] of [['go', '/orders'], ['gr', '/refunds'], ['gt', '/tasks'], ['ga', '/approvals'], ['gm', '/merchants'], ['gp', '/products'], ['gf', '/rules'], ['gs', '/splits'], ['gc', '/cases'], ['gh', '']]) {
      for (const k of keys) await page.keyboard.press(k);
      await page.waitForURL('**' + base + where);
    }
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.locator('[data-row] a:visible').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/orders/ord_*');
    await page.goBack();
    await page.waitForURL('**' + base + '/orders');
    quiet(seen, [home], 'the console');
    await me.close();
  });

  test('a supporter finds an order by its trade number; the refund is above the limit, and another person approves it', async () => {
    const order = await sold(2);
    await api.call('PATCH', '/v1/tenant', {refund_approval_above_fen: 15_000});
    // Who comes after something was asked for approves nothing: the other one is there before.
    const asker = await joined(world, api, 'sunli@example.cn', 'admin', {size: widths.desk}), {page} = asker;
    const other = await joined(world, api, 'wuyue@example.cn', 'admin', {size: widths.desk});
    await page.goto(asker.home + base);
    await settled(page);
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill(order.payment.trade_no);
    await page.getByRole('option').filter({hasText: '结果'}).first().waitFor();
    if (process.env.LOOK) await page.screenshot({path: `${process.env.LOOK}/console-search.png`});
    assert.deepEqual(await axe(page), [], 'search');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/orders/${order.id}`);
    await page.getByRole('button', {name: '退款 ¥200.00'}).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('¥186.00').first().waitFor(); // who gives back how much
    await dialog.getByText('金额超过平台限额').waitFor();
    await dialog.getByLabel('退款原因').fill('卡密无法使用');
    if (process.env.LOOK) { await page.screenshot({path: `${process.env.LOOK}/console-refund.png`}); await page.setViewportSize(widths.phone); await page.screenshot({path: `${process.env.LOOK}/console-refund-phone.png`}); await page.setViewportSize(widths.desk); }
    assert.deepEqual(await axe(page), [], 'refund');
    assert.equal(await dialog.getByRole('button', {name: '退款 ¥200.00'}).count(), 0, 'it needs another person, and is offered at once');
    await dialog.getByRole('button', {name: '提交审批'}).click();
    await dialog.getByRole('link', {name: '查看审批'}).click();
    await page.waitForURL('**/approvals/apv_*');
    await page.getByText('这是你提交的').waitFor();
    assert.equal(await page.getByRole('button', {name: '批准并执行'}).count(), 0, 'who asked may not approve');

    await other.page.goto(other.home + new URL(page.url()).pathname);
    await program.sql(`UPDATE sessions SET elevated_until = now() - interval '1 minute'`);
    await other.page.getByRole('button', {name: '批准并执行'}).click();
    const keys = [];
    other.page.on('request', r => { if (r.url().endsWith('/approve')) keys.push(r.headers()['idempotency-key']); });
    await other.page.getByRole('dialog').getByRole('button', {name: '批准并执行'}).click();
    await other.page.getByLabel('密码').fill(password);
    await other.page.getByLabel('验证码').fill(other.codes[0]);
    if (process.env.LOOK) await other.page.screenshot({path: `${process.env.LOOK}/console-proof.png`});
    await other.page.getByRole('button', {name: '验证并继续'}).click();
    await other.page.getByText('已批准并执行').waitFor();
    assert.equal(keys.length, 2, 'the request was not sent again after the proof');
    assert.equal(keys[0], keys[1], 'it was sent with another key');
    await api.becomes(order, 'refunded');
    await page.goto(`${asker.home}${base}/orders/${order.id}`);
    await page.getByText('已退款').first().waitFor();
    await look(other.page, 'approval');
    for (const p of [asker, other]) { quiet(p.seen, [p.home], 'a refund of two'); await p.close(); }
  });

  test('a session that ends in the middle: the form stays, sign-in is a window of its own, and the refund goes on once', async () => {
    const order = await sold(1), me = await joined(world, api, 'heping@example.cn', 'admin', {size: widths.desk}), {page, context} = me;
    await page.goto(`${me.home}${base}/orders/${order.id}`);
    await page.getByRole('button', {name: '退款 ¥100.00'}).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('退款原因').fill('重复购买');
    await context.clearCookies();
    await form.getByRole('button', {name: '退款 ¥100.00'}).click();
    await page.getByText('登录已结束').waitFor();
    if (process.env.LOOK) await page.screenshot({path: `${process.env.LOOK}/console-ended.png`});
    const [door] = await Promise.all([context.waitForEvent('page'), page.getByRole('button', {name: '登录', exact: true}).click()]);
    await door.fill('#email', me.email);
    await door.fill('#password', password);
    await door.locator('main form button.button:visible').first().click();
    await door.waitForURL('**/sign-in/code*');
    await door.fill('#code', codeOf(me.key, 1));
    await Promise.all([door.waitForEvent('close'), door.locator('main form button.button:visible').first().click()]);
    await page.getByRole('heading', {name: '退款成功'}).waitFor();
    const {data} = await api.get(`/v1/orders/${order.id}/refunds`);
    assert.deepEqual(data.map(r => [r.reason, r.status]), [['重复购买', 'succeeded']]);
    quiet(me.seen, [me.home], 'a session that ended');
    await me.close();
  });

  test('an export is followed, and its file is saved; after sign-out another tab is asked to sign in', async () => {
    const me = await joined(world, api, 'qianduo@example.cn', 'finance', {size: widths.desk, acceptDownloads: true}), {page, context} = me;
    await page.goto(`${me.home}${base}/orders?status=delivered`);
    await page.getByRole('button', {name: '导出'}).click();
    await page.getByRole('dialog').getByRole('button', {name: '导出'}).click();
    await page.waitForURL('**/tasks');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: '下载'}).first().click()]);
    assert.match(file.suggestedFilename(), /\.csv$/);
    const second = await context.newPage();
    await second.goto(me.home + base + '/orders');
    await settled(second);
    await page.getByRole('button', {name: me.email}).click();
    await page.getByRole('menuitem', {name: '退出登录'}).click();
    await page.waitForURL('**/sign-in*');
    await second.bringToFront();
    await second.getByRole('link', {name: '退款'}).first().click();
    await second.getByText('登录已结束').waitFor();
    quiet(me.seen, [me.home], 'an export');
    await me.close();
  });

  test('a case is taken, written about and closed; the next one is a key away', async () => {
    for (const n of [1, 2]) {
      await program.sql(`INSERT INTO cases (tenant_id, id, kind, detail, facts, at_risk_fen, created_at) SELECT t.id, gen_random_uuid(), 'amount_mismatch', 'x',
        '{"cause":"trade_differs","expected_fen":3990,"found_fen":${n},"trade_no":"2026112800${n}","state":"TRADE_SUCCESS","field":"total_amount"}', 3990, now() - interval '${n} hours' FROM (SELECT tenant_id AS id FROM tenant_directory ORDER BY created_at LIMIT 1) t`);
    }
    const me = await joined(world, api, 'guoyan@example.cn', 'risk', {size: widths.desk}), {page} = me;
    await page.goto(me.home + base + '/cases');
    await page.getByRole('link', {name: '金额不符'}).first().click();
    await page.waitForURL('**/cases/case_*');
    await page.getByText('应付 ¥39.90').waitFor();
    await page.getByRole('button', {name: '指派给我'}).click();
    await page.getByText('已指派').first().waitFor();
    await page.getByLabel('内容').fill('已联系买家');
    await page.getByRole('button', {name: '添加备注'}).click();
    await page.getByRole('list', {name: '备注'}).getByText('已联系买家').waitFor();
    await page.locator('dt', {hasText: '处理人'}).locator('xpath=following-sibling::dd[1]').getByText('…').waitFor(); // who has no name is called by an identifier
    await look(page, 'case');
    const first = page.url();
    await page.locator('h1').click();
    await page.keyboard.press(await page.getByRole('link', {name: '下一件'}).count() > 0 ? ']' : '[');
    await page.waitForURL(u => u.href !== first);
    await page.goto(me.home + base + '/cases?view=mine');
    await page.getByRole('link', {name: '金额不符'}).first().click();
    await page.getByRole('button', {name: '结案'}).click();
    await page.getByRole('dialog').getByLabel('处理结论').fill('已退款');
    await page.getByRole('dialog').getByRole('button', {name: '结案'}).click();
    await page.getByText('已结案').first().waitFor();
    quiet(me.seen, [me.home], 'cases');
    await me.close();
  });

  test('a brand is chosen, shown before it is saved, and stands on the checkout page', async () => {
    const me = await joined(world, api, 'tangmin@example.cn', 'admin', {size: widths.desk}), {page} = me;
    await page.goto(me.home + base + '/brand');
    await page.getByLabel('名称').fill('星河卡盟');
    await page.getByLabel('用自己的主色').check();
    await page.getByLabel('主色', {exact: true}).fill('#ffcc00');
    await page.getByText('所选 #ffcc00').first().waitFor();
    await page.getByLabel('公告').fill('23 点后人工客服不在线');
    await page.getByLabel('客服联系方式').fill('QQ 800012345');
    await page.getByRole('button', {name: '保存'}).click();
    await page.getByText('已保存').first().waitFor();
    await page.getByLabel('图标').setInputFiles({name: '../../<script>.png', mimeType: 'image/png', buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64')});
    await page.getByText('图标已更新').first().waitFor();
    await look(page, 'brand');
    assert.deepEqual(await axe(page), [], 'brand');
    quiet(me.seen, [me.home], 'brand');
    await me.close();
    await api.call('DELETE', '/v1/shop/logo');
    await api.call('PUT', '/v1/shop', {});
  });

  test('stock is pasted in, what stands twice is told by its line; a product is taken off sale and a merchant suspended, and both come back', async () => {
    const me = await joined(world, api, 'liqiang@example.cn', 'admin', {size: widths.desk}), {page} = me, {merchant_of_record_id: merchant} = await api.get('/v1/products/' + info.product_id);
    await page.goto(`${me.home}${base}/products/${info.product_id}`);
    await page.getByRole('link', {name: '导入卡密'}).click();
    await page.getByLabel('或者粘贴').fill('PASTED-0001\n\nPASTED-0002\nPASTED-0001\n');
    await page.getByRole('button', {name: '导入 2 张'}).click();
    await page.getByText('第 4 行').waitFor();
    await page.getByRole('link', {name: '回到商品'}).click();
    const act = async (button, word) => {
      await page.getByRole('button', {name: button, exact: true}).click();
      await page.getByRole('dialog').getByRole('button', {name: button, exact: true}).click();
      await page.locator('h1 + span').getByText(word).waitFor();
    };
    await act('下架', '已下架');
    await act('重新上架', '在售');
    await page.goto(`${me.home}${base}/merchants/${merchant}`);
    await act('暂停收款', '已暂停');
    assert.equal((await api.get('/v1/merchants/' + merchant)).status, 'suspended');
    await act('恢复收款', '可以收款');
    assert.equal((await api.get('/v1/merchants/' + merchant)).status, 'active');
    quiet(me.seen, [me.home], 'stock and merchants');
    await me.close();
  });

  test('what a role may not see is not in what its pages get, and what it may not do is not there', async () => {
    const order = await sold(1), heard = {}, {split_rule_id: rule} = await api.get('/v1/products/' + info.product_id);
    for (const role of short ? ['admin', 'developer'] : ['admin', 'developer', 'risk', 'support', 'finance']) {
      const me = await joined(world, api, `role-${role}@example.cn`, role, {size: widths.desk}), {page} = me, answers = [], refused = [];
      page.on('response', async r => {
        if (!r.url().includes('/v1/') || r.url().includes('/stream')) return;
        if (r.status() === 403) refused.push(new URL(r.url()).pathname);
        answers.push(await r.text().catch(() => ''));
      });
      await page.goto(me.home + base);
      await settled(page);
      const offered = await page.locator('nav a').evaluateAll(links => links.map(a => new URL(a.href).pathname)); // what the role may not read is not there to go to
      for (const where of [base, base + '/orders', `${base}/orders/${order.id}`, base + '/refunds', base + '/tasks', base + '/approvals', base + '/merchants', base + '/merchants/' + order.merchant_of_record_id, ...(['admin', 'finance', 'developer'].includes(role) ? [base + '/splits', base + '/rules', `${base}/rules/${rule}`] : []), ...(['admin', 'risk', 'support'].includes(role) ? [base + '/cases'] : []), base + '/products', `${base}/products/${info.product_id}`, `${base}/products/${info.product_id}/card_keys`, `${base}/products/${info.product_id}/import`, base + '/alipay', base + '/requests', base + '/notices', base + '/notices?show=sent'].filter(w => offered.includes(w) || w.split('/').length > 4)) { // a list is walked if it is offered, a record always
        await page.goto(me.home + where);
        await settled(page);
        await page.waitForLoadState('networkidle', {timeout: 1_000}).catch(() => {}); // the stream stays open
      }
      assert.deepEqual(refused, [], `${role}: a page asks for what the role may not read`);
      const all = answers.join('\n');
      assert.ok(all.includes(order.id), `${role}: no page has the order: this shows nothing`);
      assert.doesNotMatch(all, /KEY-\d/, `${role} is sent card keys`);
      await page.goto(`${me.home}${base}/orders/${order.id}`);
      await settled(page);
      heard[role] = {contact: all.includes(contact), address: all.includes('"checkout_url"'), refund: await page.getByRole('button', {name: /^退款/}).count() > 0};
      quiet(me.seen, [me.home], role);
      await me.close();
    }
    assert.deepEqual(heard.admin, {contact: true, address: true, refund: true}, 'control: who may see and do it, is sent it and has the button');
    assert.deepEqual(heard.developer, {contact: false, address: false, refund: false});
    if (!short) {
      assert.deepEqual(heard.risk, {contact: false, address: false, refund: false});
      assert.deepEqual(heard.support, {contact: true, address: true, refund: false});
      assert.deepEqual(heard.finance, {contact: false, address: false, refund: true});
    }
  });

  test('A33: script that others have typed is text on every page of the console', async () => {
    const me = await joined(world, attack.api, 'victim@example.cn', 'admin', {size: widths.desk}), {page, seen} = me, tenant = (await attack.api.get('/v1/tenant')).id, application = (await attack.api.get('/v1/applications')).data[0].id;
    for (const where of ['', '/orders', '/orders/' + attack.order.id, '/refunds', '/tasks', '/approvals', '/merchants', '/merchants/' + attack.order.merchant_of_record_id, '/applications/' + application, '/products', '/products/' + attack.order.items[0].product_id, `/products/${attack.order.items[0].product_id}/import`, '/rules', '/rules/' + (await attack.api.get('/v1/split_rules')).data[0].id, '/splits', '/alipay', '/requests', '/notices', '/orders?reference=' + encodeURIComponent(script)]) {
      await page.goto(`${me.home}/console/${tenant}${where}`);
      await settled(page);
      if (where.startsWith('/orders')) assert.ok(await page.evaluate(t => document.body.innerText.includes(t), script), `${where}: the text is not on the page: this shows nothing`);
      assert.equal(await page.locator('img[src=x]').count(), 0, 'text became markup');
      await page.evaluate(() => new Promise(done => setTimeout(done, 50)));
    }
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill(script.slice(0, 30));
    await page.evaluate(() => new Promise(done => setTimeout(done, 500)));
    quiet(seen, [me.home], 'script in the console');
    await me.close();
  });

  test('no page of anybody puts the console into a frame', async () => {
    const home = new URL(info.sign_in_url).origin, server = createServer((request, answer) => answer.setHeader('Content-Type', 'text/html; charset=utf-8').end(request.url === '/own' ? '<title>own</title>' : `<!doctype html><title>trap</title><iframe src="${home}${base}"></iframe><iframe src="/own"></iframe>`));
    await new Promise(done => server.listen(0, '127.0.0.1', done));
    const origin = 'http://127.0.0.1:' + server.address().port, {page, close} = await visitor(browser);
    try {
      await page.goto(origin);
      const framed = () => page.frames().slice(1).map(f => f.url());
      await until('both frames have an end', async () => framed().every(u => u !== '' && u !== 'about:blank'));
      assert.deepEqual(framed(), ['chrome-error://chromewebdata/', origin + '/own'], 'the second is the control: a page that allows it is framed');
    } finally {
      server.close();
    }
    await close();
  });
}
