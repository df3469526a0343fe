// The buyer's road, walked in every way a browser may be able to walk it.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import jsQR from 'jsqr';
import {pay, until, uuid} from './program.mjs';
import {quiet, reveal, visitor, widths} from './browser.mjs';

const words = {
  zh: {paid: '付款成功', pay: '打开支付宝付款', copy: '复制', copied: '已复制', closed: '订单已关闭', cashier: '支付成功', html: 'zh-CN'},
  en: {paid: 'Paid. Here are your card keys', pay: 'Pay with Alipay', copy: 'Copy', copied: 'Copied', closed: 'This order is closed', cashier: 'Paid', html: 'en'},
};

// scanned reads the QR code as a phone does: from its black modules.
async function scanned(page) {
  const {box, path} = await page.locator('.qr svg').evaluate(svg => ({box: svg.getAttribute('viewBox'), path: svg.querySelector('path').getAttribute('d')}));
  const modules = Number(box.split(' ')[2]), scale = 4, quietZone = 4, side = (modules + 2 * quietZone) * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let row = 0; row < scale; row++) {
      for (let column = 0; column < length * scale; column++) {
        const at = 4 * (((Number(y) + quietZone) * scale + row) * side + (Number(x) + quietZone) * scale + column);
        pixels.fill(0, at, at + 3);
      }
    }
  }
  return jsQR(pixels, side, side)?.data;
}

const shown = page => page.locator('.keys code').allTextContents();
const marked = page => page.evaluate(() => window.untouched === true); // false after a reload
// alone lets one test at a time use the clipboard, of which there is one.
let turn = Promise.resolve();
const alone = use => () => (turn = turn.then(use, use));
const mark = page => page.evaluate(() => { window.untouched = true; });

export default function checkout({program, browser, stage}) {
  const {api} = program, origins = [program.info.api_url, program.simulator];
  const buy = (more, quantity = 2) => api.order([{product_id: stage.product.id, quantity}], more);
  const keysOf = async order => (await api.get(`/v1/orders/${order.id}/card_keys`)).card_keys.map(k => k.card_key).sort();

  for (const lang of ['zh', 'en']) {
    const t = words[lang];
    test(`a phone, ${lang}: the code is scanned, the cashier is paid, the keys come without a reload, by events alone`, async () => {
      const order = await buy();
      const buyer = await visitor(browser, {lang});
      await buyer.context.route('**/status', r => r.abort()); // nothing but events can tell
      await buyer.page.goto(order.checkout_url);
      assert.equal(await buyer.page.locator('html').getAttribute('lang'), t.html);
      assert.match(await buyer.page.locator('.amount').innerText(), /200\.00/);
      await until('the time left counts down', async () => /^1[0-5]:[0-5]\d$/.test(await buyer.page.locator('#left').innerText()));
      assert.equal(await scanned(buyer.page), order.payment.pay_url);
      assert.equal(await buyer.page.getByRole('link', {name: t.pay}).getAttribute('href'), order.payment.pay_url);
      await mark(buyer.page);

      const phone = await visitor(browser, {lang});
      await phone.page.goto(await scanned(buyer.page) + '?lang=' + lang);
      await phone.page.locator('button[value=pay]').click();
      await phone.page.getByRole('heading', {name: t.cashier}).waitFor();
      const at = Date.now();
      await buyer.page.getByRole('heading', {name: t.paid}).waitFor();
      assert.ok(Date.now() - at < 10_000, `${Date.now() - at} ms from the cashier to the keys`);
      assert.ok(await marked(buyer.page), 'the page was loaded again');
      assert.deepEqual((await shown(buyer.page)).sort(), await keysOf(order));
      assert.ok(buyer.seen.requests.some(u => u.endsWith('/events')));
      quiet(buyer.seen, origins, 'checkout');
      quiet(phone.seen, origins, 'cashier');
      await Promise.all([buyer.close(), phone.close()]);
    });
  }

  test('a phone opens the cashier by the button, in the same tab, and comes back to the keys', async () => {
    const order = await buy({channel: 'page'});
    const {page, seen, close} = await visitor(browser);
    await page.goto(order.checkout_url);
    await page.getByRole('link', {name: words.zh.pay}).click();
    await page.locator('button[value=pay]').click();
    await page.getByRole('link', {name: '返回商家'}).click();
    await page.waitForURL(order.checkout_url + '**');
    await page.getByRole('heading', {name: words.zh.paid}).waitFor();
    assert.deepEqual((await shown(page)).sort(), await keysOf(order));
    quiet(seen, origins, 'the road of a page payment');
    await close();
  });

  test('without JavaScript the page looks again by itself', async () => {
    const order = await buy();
    const {page, seen, close} = await visitor(browser, {javaScriptEnabled: false});
    await page.goto(order.checkout_url);
    assert.equal(await scannedWithoutScript(page), true);
    await pay(order);
    await page.getByRole('heading', {name: words.zh.paid}).waitFor();
    assert.deepEqual((await shown(page)).sort(), await keysOf(order));
    assert.equal(await page.locator('button:visible').count(), 0, 'a button that can do nothing');
    quiet(seen, origins, 'checkout without script');
    await close();
  });

  test('without JavaScript the keys of a link are one tap away', async () => {
    const {page, seen, close} = await visitor(browser, {javaScriptEnabled: false});
    await page.goto(stage.orders.delivered.checkout_url);
    assert.deepEqual(await shown(page), []);
    await reveal(page);
    assert.deepEqual((await shown(page)).sort(), await keysOf(stage.orders.delivered));
    quiet(seen, origins, 'a link without script');
    await close();
  });
  const scannedWithoutScript = async page => (await page.locator('.qr svg path').getAttribute('d')).length > 500;

  for (const [how, block] of [
    ['are refused', r => r.abort()],
    ['are answered by somebody in between', r => r.fulfill({status: 502, body: 'bad gateway'})],
    ['are swallowed', () => {}], // a proxy that keeps the stream to itself: neither opened nor failed
  ]) {
    test(`where events ${how}, the page asks`, async () => {
      const order = await buy();
      const {page, seen, close, context} = await visitor(browser);
      await context.route('**/events', block);
      await page.goto(order.checkout_url);
      await mark(page);
      await pay(order);
      await page.getByRole('heading', {name: words.zh.paid}).waitFor();
      assert.ok(await marked(page), 'the page was loaded again');
      assert.ok(seen.requests.some(u => u.endsWith('/status')), 'it did not ask');
      assert.deepEqual((await shown(page)).sort(), await keysOf(order));
      await context.unrouteAll({behavior: 'ignoreErrors'});
      await close();
    });
  }

  test('an order that is closed meanwhile says so without a reload', async () => {
    const order = await buy();
    const {page, close} = await visitor(browser, {lang: 'en'});
    await page.goto(order.checkout_url);
    await mark(page);
    await page.locator('#left').waitFor();
    await api.post(`/v1/orders/${order.id}/close`);
    await page.getByRole('heading', {name: words.en.closed}).waitFor();
    assert.ok(await marked(page));
    assert.equal(await page.locator('.qr, .pay-button').count(), 0);
    await close();
  });

  test('when the time is over the page says so, and when Alipay has confirmed it, too', async () => {
    const order = await buy();
    const {page, close} = await visitor(browser);
    await page.clock.install();
    await page.goto(order.checkout_url);
    await page.locator('#left').waitFor();
    await program.sql(`UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = '${uuid(order.id)}'`);
    await page.clock.fastForward('15:01');
    await page.clock.runFor(3_000);
    await page.getByRole('heading', {name: '付款时间已过'}).waitFor();
    await close();
  });

  test('keys are copied one by one and all together', alone(async () => {
    const keys = await keysOf(stage.orders.delivered);
    const {page, close} = await visitor(browser, {permissions: ['clipboard-read', 'clipboard-write']});
    await page.goto(stage.orders.delivered.checkout_url);
    assert.deepEqual(await shown(page), [], 'who only follows a link sees keys');
    await reveal(page);
    await page.reload();
    const inOrder = await shown(page), clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    assert.deepEqual([...inOrder].sort(), keys);
    const first = page.locator('[data-copy]').first();
    await first.click();
    await until('the button says so', async () => (await first.innerText()).includes(words.zh.copied));
    assert.equal(await clipboard(), inOrder[0]);
    await page.locator('[data-copy-all]').click();
    await until('all are copied', async () => (await clipboard()) === inOrder.join('\n'));
    await until('the button is itself again', async () => (await first.innerText()).trim() === words.zh.copy);
    await close();
  }));

  test('a key that has what cannot be seen is marked on the page, and copied to the character', alone(async () => {
    const typed = ['\u202eA-1\u202c', 'zero\u200bwidth\ufeff1', '账号：x\r\n密码：<b>&amp;"\'</b>\ty', 'lone\rret\u0085urn', 'שלום-ABC', '👩‍💻-𠮷', 'x'.repeat(4096)];
    const product = await api.post('/v1/products', {name: '各种卡密', price_fen: 100, supplier_id: stage.product.supplier_id, merchant_of_record_id: stage.product.merchant_of_record_id, split_rule_id: stage.product.split_rule_id});
    const imported = await api.post(`/v1/products/${product.id}/card_keys`, {card_keys: [...typed.map(k => '\ufeff ' + k + '\n'), typed[1]]});
    assert.deepEqual([imported.accepted, imported.skipped], [typed.length, [{index: typed.length, code: 'repeated_in_list'}]]);
    const order = await api.order([{product_id: product.id, quantity: typed.length}]);
    await pay(order);
    await api.becomes(order, 'delivered');
    assert.deepEqual(await keysOf(order), [...typed].sort(), 'getOrderCardKeys');
    for (const clipboardAPI of [true, false]) {
      const {page, close} = await visitor(browser, {permissions: ['clipboard-read', 'clipboard-write']});
      await page.goto(order.checkout_url);
      await reveal(page);
      const inOrder = await shown(page);
      assert.deepEqual([...inOrder].sort(), [...typed].sort(), 'the page');
      const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
      if (!clipboardAPI) await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); });
      for (const [i, key] of inOrder.entries()) {
        await page.locator('[data-copy]').nth(i).click();
        await until(JSON.stringify(key.slice(0, 40)) + ' is copied', async () => (await clipboard()) === key);
      }
      await page.locator('[data-copy-all]').click();
      await until('all are copied', async () => (await clipboard()) === inOrder.join('\n'));
      const marks = await page.locator('.unseen').evaluateAll(all => all.map(e => getComputedStyle(e, '::before').content).sort());
      assert.deepEqual(marks, ['"U+000D"', '"U+0085"', '"U+200B"', '"U+202C"', '"U+202E"', '"U+FEFF"']);
      // A direction mark turns nothing but itself: the key reads from left to right.
      const [left, right] = await page.locator('code', {hasText: 'A-1'}).evaluate(code => {
        const run = [...code.querySelector('bdi').childNodes].find(n => n.nodeType === Node.TEXT_NODE && n.data === 'A-1');
        return [0, 2].map(at => { const r = document.createRange(); r.setStart(run, at); r.setEnd(run, at + 1); return r.getBoundingClientRect().left; });
      });
      assert.ok(left < right, 'the key is shown backwards');
      await close();
    }
  }));

  test('the order’s number is in one piece at every width', async () => {
    for (const [lang, width] of ['zh', 'en'].flatMap(l => [320, 360, 390, 768, 1440].map(w => [l, w]))) {
      const {page, close} = await visitor(browser, {lang, size: {width, height: 800}});
      for (const order of [stage.orders.pay, stage.orders.closed]) {
        await page.goto(order.checkout_url);
        const {rows, over} = await page.locator('.number').evaluate(e => {
          const range = document.createRange();
          range.selectNodeContents(e);
          return {rows: new Set([...range.getClientRects()].map(r => r.top)).size, over: document.documentElement.scrollWidth > innerWidth};
        });
        assert.deepEqual([rows, over], [1, false], `${lang}, ${width} px`);
      }
      await close();
    }
  });

  test('the checkout weighs at most 40 kB with everything it loads', async () => {
    for (const order of [stage.orders.pay, stage.orders.many]) {
      const {page, context, seen, close} = await visitor(browser, {size: widths.desk});
      const devtools = await context.newCDPSession(page);
      await devtools.send('Network.enable');
      let bytes = 0;
      devtools.on('Network.loadingFinished', e => { bytes += e.encodedDataLength; });
      await page.goto(order.checkout_url, {waitUntil: 'load'});
      const fonts = await page.evaluate(() => document.fonts.size);
      const icon = (await (await fetch(new URL(await page.locator('link[rel=icon]').getAttribute('href'), order.checkout_url))).arrayBuffer()).byteLength; // a headless browser does not load it
      assert.ok(bytes > 5_000 && bytes + icon <= 40_000, `${bytes + icon} bytes`);
      assert.equal(fonts, 0, 'fonts are the system’s');
      quiet(seen, [program.info.api_url], 'checkout');
      await close();
    }
  });

  test('at the cashier a payment can fail, be given up, and succeed after all', async () => {
    const order = await buy(undefined, 1);
    const {page, seen, close} = await visitor(browser);
    await page.goto(order.payment.pay_url);
    await page.locator('button[value=short]').click();
    await page.getByRole('alert').filter({hasText: '余额不足'}).waitFor();
    await page.locator('button[value=wrong]').click();
    await page.getByRole('alert').filter({hasText: '密码错误'}).waitFor();
    await page.locator('#password').fill('222222');
    await page.locator('button[value=pay]').click();
    await page.getByRole('alert').filter({hasText: '密码错误'}).waitFor();
    await page.locator('#buyer').selectOption('2088000000000002'); // has one yuan
    await page.locator('#password').fill('111111');
    await page.locator('button[value=pay]').click();
    await page.getByRole('alert').filter({hasText: '余额不足'}).waitFor();
    await page.locator('button[value=cancel]').click();
    await page.getByRole('heading', {name: '已放弃付款'}).waitFor();
    assert.equal((await api.get('/v1/orders/' + order.id)).status, 'awaiting_payment');
    await page.getByRole('link', {name: '继续付款'}).click();
    await page.locator('button[value=pay]').click();
    await page.getByRole('heading', {name: '支付成功'}).waitFor();
    await api.becomes(order, 'delivered');
    await page.goto(order.payment.pay_url);
    assert.equal(await page.locator('button[value=pay]').count(), 0, 'it can be paid twice');
    quiet(seen, origins, 'cashier');
    await close();
  });

  test('what is sold out is refused before there is anything to pay', async () => {
    const {status, body} = await api.send('POST', '/v1/orders', {items: [{product_id: stage.product.id, quantity: 1000}]}, {'Idempotency-Key': 'sold-out'});
    assert.deepEqual([status, body.code], [409, 'card_keys_sold_out']);
    const {page, close} = await visitor(browser);
    await page.goto(body.type);
    assert.equal(await page.locator(':target').getAttribute('id'), 'card_keys_sold_out', 'the problem’s address explains it');
    await close();
  });
}
