// The portal, by people of merchants: each page looked at, a supplier who restocks on the phone, who is led to which application, and what one merchant must not
// see of another.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {quiet, widths} from './browser.mjs';
import {look, settled} from './look.mjs';
import {axe} from './pages.mjs';
import {joined} from './people.mjs';
import {pay, until, uuid} from './program.mjs';
import {script} from './stage.mjs';

const short = process.env.SHORT === '1', contact = '13912345678';

export default function merchants(world) {
  const {program, stage} = world, {api, info} = program, base = `/portal/${info.tenant_id}`;

  const sold = async () => {
    const order = await api.order([{product_id: info.product_id, quantity: 1}], {buyer_contact: contact});
    await pay(order);
    await api.becomes(order, 'delivered');
    await until('it is split', async () => { const {status, body} = await api.send('GET', `/v1/orders/${order.id}/split`); return status === 200 && body.status === 'completed'; });
    return order;
  };
  // supplies is a merchant that supplies what another one sells, with few card keys left.
  const supplies = async (name, kind = 'supplier') => {
    const merchant = await api.post('/v1/merchants', {kind, name, contact: '13800000000'});
    const product = await api.post('/v1/products', {name: name + '的月卡', price_fen: 2990, supplier_id: merchant.id, merchant_of_record_id: stage.product.merchant_of_record_id, split_rule_id: stage.product.split_rule_id});
    await api.post(`/v1/products/${product.id}/card_keys`, {card_keys: [1, 2, 3].map(n => `${merchant.id}-${n}`)});
    return {merchant, product};
  };
  const ofRecord = stage.product.merchant_of_record_id;
  const pages = (order, product) => ({home: base, orders: base + '/orders', 'orders-filtered': base + '/orders?status=delivered&from=2020-01-01', 'orders-none': base + '/orders?reference=nothing', order: `${base}/orders/${order}`,
    goods: base + '/goods', 'goods-none': base + '/goods?name=nothing', product: `${base}/goods/${product}`, money: base + '/money', 'money-parts': base + '/money?view=parts', 'money-refunds': base + '/money?view=refunds',
    me: base + '/me', files: base + '/tasks', missing: base + '/no/such/page', 'missing-order': base + '/orders/ord_00000000000000000000000000'});

  test('sign-in leads a merchant’s person to the portal; every page fits, is named, and asks nobody else; the tabs go everywhere', async () => {
    const order = await sold(), me = await joined(world, api, 'zhoumei@example.cn', 'supplier', {size: widths.phone}, ofRecord), {page, seen, home} = me;
    await page.goto(home + '/sign-in');
    await page.waitForURL('**' + base);
    await settled(page);
    assert.match(await page.title(), /^\[沙箱\] 首页 · /);
    for (const lang of short ? ['zh'] : ['zh', 'en']) {
      for (const [name, where] of Object.entries(pages(order.id, info.product_id))) {
        const answer = await page.goto(`${home}${where}${where.includes('?') ? '&' : '?'}lang=${lang}`);
        assert.match(answer.headers()['content-security-policy'], /frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'/);
        await settled(page);
        assert.equal(await page.locator('html').getAttribute('lang'), lang === 'zh' ? 'zh-CN' : 'en');
        await look(page, `${name}-${lang}`, 'portal');
      }
    }
    await page.setViewportSize(widths.phone);
    await page.goto(home + base + '?lang=zh');
    await settled(page);
    for (const [tab, where] of [['订单', '/orders'], ['商品', '/goods'], ['资金', '/money'], ['我的', '/me'], ['首页', '']]) {
      await page.getByRole('navigation').getByRole('link', {name: tab, exact: true}).click();
      await page.waitForURL('**' + base + where);
      await settled(page);
    }
    await page.getByText('可以收款').first().waitFor();
    quiet(seen, [home], 'the portal');
    await me.close();
  });

  test('a supplier with little stock is told so, pastes card keys on the phone and takes the rest of them back; a merchant that is paused is told so', async () => {
    const {merchant, product} = await supplies('陈记供货'), me = await joined(world, api, 'chenjun@example.cn', 'supplier', {size: widths.phone}, merchant.id), {page} = me;
    await page.goto(me.home + base);
    await page.getByText('还不能收款，还差 2 项').first().waitFor();
    await page.getByText('陈记供货的月卡 剩 3 张').waitFor();
    await look(page, 'home-new', 'portal');
    await page.setViewportSize(widths.phone);
    await page.getByRole('link', {name: '去补货'}).click();
    await page.getByRole('link', {name: product.name}).locator('visible=true').first().click();
    await page.getByRole('button', {name: '补货'}).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('卡密').fill('PORTAL-0001\nPORTAL-0002\nPORTAL-0001\n');
    await form.getByRole('button', {name: '导入 3 张'}).click();
    await form.getByText('第 3 行').waitFor();
    assert.deepEqual(await axe(page), [], 'import');
    if (process.env.LOOK) await page.screenshot({path: `${process.env.LOOK}/portal-import.png`});
    await form.getByRole('button', {name: '关闭'}).click();
    assert.equal((await api.get(`/v1/products/${product.id}/stock`)).available, 5);
    await page.getByRole('button', {name: '作废本批'}).first().click();
    await form.getByLabel('原因').fill('发错了');
    await form.getByRole('button', {name: '作废本批'}).click();
    await until('they are void', async () => (await api.get(`/v1/products/${product.id}/stock`)).available === 3);
    await program.sql(`UPDATE merchants SET status = 'suspended' WHERE id = '${uuid(merchant.id)}'`);
    await page.goto(me.home + base);
    await page.getByText('平台已暂停你的收款').waitFor();
    await look(page, 'home-paused', 'portal');
    quiet(me.seen, [me.home], 'stock in the portal');
    await me.close();
  });

  test('each application leads the other’s people to their place, and whoever has both chooses', async () => {
    const {merchant} = await supplies('林记供货'), theirs = await joined(world, api, 'linfei@example.cn', 'supplier', {}, merchant.id), ours = await joined(world, api, 'operator-of-portal@example.cn', 'admin', {});
    const led = async (who, from, to) => {
      let pages = 0;
      const count = r => { if (r.isNavigationRequest() && r.frame() === who.page.mainFrame()) pages++; };
      who.page.on('request', count);
      await who.page.goto(who.home + from);
      await who.page.waitForURL('**' + to);
      await settled(who.page);
      who.page.off('request', count);
      assert.ok(pages <= 3, `${from} leads through ${pages} pages`);
      assert.equal(new URL(who.page.url()).pathname, to);
    };
    await led(theirs, '/console/', base);
    await led(theirs, '/console/' + info.tenant_id, base);
    await led(theirs, `/console/${info.tenant_id}/orders`, base);
    await led(theirs, '/portal/', base);
    await led(ours, '/portal/', '/console/' + info.tenant_id);
    await led(ours, base, '/console/' + info.tenant_id);
    await led(ours, `${base}/money`, '/console/' + info.tenant_id);
    await led(ours, '/console/', '/console/' + info.tenant_id);

    // The merchant's person works for another platform, too.
    const tenant = (await world.attack.api.get('/v1/tenant')).id, {url} = await world.attack.api.call('POST', '/v1/invitations', {email: theirs.email, role: 'finance'}, {'Idempotency-Key': 'portal-both'});
    await theirs.page.goto(theirs.home + new URL(url).pathname);
    await theirs.page.locator('main form button.button:visible').first().click();
    await theirs.page.waitForURL('**/account?*');
    await theirs.page.evaluate(() => localStorage.clear());
    for (const [door, first] of [['/console/', 'portal'], ['/portal/', 'console']]) {
      await theirs.page.goto(theirs.home + door);
      await settled(theirs.page);
      assert.deepEqual((await theirs.page.locator('main li a').evaluateAll(links => links.map(a => new URL(a.href).pathname))).sort(), ['/console/' + tenant, base].sort(), `${door} does not show both`);
      if (first === 'portal') await look(theirs.page, 'choose', 'portal');
    }
    await theirs.page.locator(`main li a[href="${base}"]`).click();
    await theirs.page.waitForURL('**' + base);
    await settled(theirs.page);
    await theirs.page.goto(theirs.home + base + '/me');
    await theirs.page.locator(`a[href="/console/${tenant}"]`).click();
    await theirs.page.waitForURL('**/console/' + tenant);
    for (const who of [theirs, ours]) { quiet(who.seen, [who.home], 'two applications'); await who.close(); }
  });

  test('A33: script that others have typed is text on every page of the portal', async () => {
    const {attack} = world, tenant = (await attack.api.get('/v1/tenant')).id, me = await joined(world, attack.api, 'victim-merchant@example.cn', 'supplier', {}, attack.order.merchant_of_record_id), {page, seen} = me;
    for (const where of ['', '/orders', '/orders/' + attack.order.id, '/goods', '/goods/' + attack.order.items[0].product_id, '/money', '/money?view=refunds', '/me', '/orders?reference=' + encodeURIComponent(script)]) {
      await page.goto(`${me.home}/portal/${tenant}${where}`);
      await settled(page);
      assert.ok(await page.evaluate(t => document.body.innerText.includes(t), script), `${where}: the text is not on the page: this shows nothing`);
      assert.equal(await page.locator('img[src=x]').count(), 0, 'text became markup');
      await page.evaluate(() => new Promise(done => setTimeout(done, 50)));
    }
    quiet(seen, [me.home], 'script in the portal');
    await me.close();
  });

  test('no page of a merchant’s person is refused, and nothing of another merchant is in what they get', async () => {
    const order = await sold(), heard = {}, other = await supplies('吴记供货'), dealer = await supplies('郑记分销', 'supplier');
    const distributor = await api.post('/v1/merchants', {kind: 'distributor', name: '何记分销'});
    for (const [who, role, merchant] of [['itself', 'supplier', ofRecord], ['another', 'supplier', other.merchant.id], ['a distributor', 'distributor', distributor.id]]) {
      const me = await joined(world, api, `wall-${who.replaceAll(' ', '-')}@example.cn`, role, {}, merchant), {page} = me, answers = [], refused = [];
      page.on('response', async r => {
        if (!r.url().includes('/v1/')) return;
        if (r.status() === 403) refused.push(new URL(r.url()).pathname);
        answers.push(await r.text().catch(() => ''));
      });
      await page.goto(me.home + base);
      await settled(page);
      const offered = await page.locator('nav a').evaluateAll(links => links.map(a => new URL(a.href).pathname));
      assert.ok(offered.length >= 5, `${who}: a tab is missing`);
      for (const where of [...offered, ...Object.values(pages(order.id, info.product_id)), `${base}/goods/${other.product.id}`]) {
        await page.goto(me.home + where);
        await settled(page);
        await page.waitForLoadState('networkidle', {timeout: 2_000}).catch(() => {});
      }
      // Links of the pages lead somewhere.
      for (const where of offered) {
        await page.goto(me.home + where);
        await settled(page);
        const dead = [];
        for (const href of await page.locator('main a').evaluateAll(links => [...new Set(links.map(a => a.href))].slice(0, 4))) {
          if (!href.startsWith(me.home + '/portal/')) continue;
          await page.goto(href);
          await settled(page);
          if (await page.getByText('这里没有内容').count()) dead.push(href);
        }
        assert.deepEqual(dead, [], `${who}: dead links`);
      }
      assert.deepEqual(refused, [], `${who}: a page asks for what it may not read`);
      // What was asked for by its address stands in the errors that say it is not there.
      const all = answers.filter(a => !/"code":"[a-z_]+_not_found"/.test(a)).join('\n');
      assert.doesNotMatch(all, /KEY-\d/, `${who} is sent card keys`);
      assert.ok(!all.includes(contact), `${who} is sent a buyer’s contact`);
      assert.ok(!all.includes('"checkout_url"'), `${who} is sent addresses of checkouts`);
      heard[who] = {order: all.includes(order.id), product: all.includes(info.product_id), others: all.includes(other.product.name), dealers: all.includes(dealer.merchant.name)};
      quiet(me.seen, [me.home], who);
      await me.close();
    }
    // Who is paid for the others' goods knows these goods.
    assert.deepEqual(heard.itself, {order: true, product: true, others: true, dealers: true}, 'control: who it belongs to is sent it');
    assert.deepEqual(heard.another, {order: false, product: false, others: true, dealers: false});
    assert.deepEqual(heard['a distributor'], {order: false, product: false, others: false, dealers: false});
  });
}
