// What an administrator sets up: a hundred thousand card keys from a file, the drawer of a sandbox, the request log, notices to people.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {test} from 'node:test';
import {quiet, widths} from './browser.mjs';
import {look, settled} from './look.mjs';
import {joined, password} from './people.mjs';
import {until} from './program.mjs';

export default function settings(world) {
  const {program} = world, {api, info} = program, base = `/console/${info.tenant_id}`;
  const admin = (email, more = {}) => joined(world, api, email, 'admin', {size: widths.desk, ...more});

  test('a hundred thousand card keys from a file: counted before, followed, left and come back to, told line by line, undone', async t => {
    const like = await api.get('/v1/products/' + info.product_id);
    const product = await api.post('/v1/products', {name: '十万点券', price_fen: 1_000, supplier_id: like.supplier_id, merchant_of_record_id: like.merchant_of_record_id, split_rule_id: like.split_rule_id});
    const me = await admin('import@example.cn', {acceptDownloads: true}), {page} = me, lines = [];
    for (let n = 0; n < 100_000; n++) lines.push(n % 8_000 === 7_999 ? '' : n % 4_000 === 1 && n > 1 ? lines[0] : `MANY-${String(n).padStart(6, '0')}-${(n * 7_919 % 1_000_003).toString(36).toUpperCase()}`);
    const blank = lines.filter(l => l === '').length, keys = new Set(lines.filter(Boolean)).size, twice = lines.length - blank - keys;
    const written = n => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
    await page.goto(`${me.home}${base}/products/${product.id}`);
    await page.getByRole('link', {name: '导入卡密'}).click();
    await page.getByLabel('选择或拖入文件').setInputFiles({name: '点券.txt', mimeType: 'text/plain', buffer: Buffer.from(lines.join('\r\n'))});
    const go = page.getByRole('button', {name: `导入 ${written(keys)} 张`});
    await go.waitFor();
    assert.doesNotMatch(await page.locator('main').innerText(), /MANY-/, 'the samples are not masked');
    await look(page, 'import-read');
    const began = Date.now();
    await go.click();
    await page.getByRole('progressbar', {name: '正在导入'}).waitFor();
    if (process.env.LOOK) await page.screenshot({path: `${process.env.LOOK}/console-import-running.png`});
    const here = page.url();
    assert.match(here, /\?task=tsk_/, 'the import has no address');
    await page.goto(`${me.home}${base}/tasks`); // the page may be left
    await settled(page);
    await page.goto(here);
    await page.getByText('导入完成').waitFor();
    t.diagnostic(`${lines.length} lines in ${((Date.now() - began) / 1_000).toFixed(1)} s`);
    const text = await page.locator('main').innerText();
    for (const [word, n] of [['新增', keys], ['重复，已跳过', twice], ['空行', blank]]) assert.match(text, new RegExp(`${word}\\s+${written(n)}`), word);
    await page.getByText('第 4,002 行').waitFor();
    await look(page, 'import-done');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: '下载明细'}).click()]);
    assert.match(file.suggestedFilename(), /\.csv$/);
    const stock = await api.get(`/v1/products/${product.id}/stock`);
    assert.equal(stock.available, keys);
    await page.goto(`${me.home}${base}/products?name=${encodeURIComponent('十万')}`);
    await settled(page);
    await page.locator('table').getByText(written(keys), {exact: true}).waitFor();
    await page.goto(here);
    await page.getByRole('button', {name: '撤销本批'}).click();
    await page.getByRole('dialog').getByRole('button', {name: '撤销本批'}).click();
    await page.getByText(`已撤销，作废 ${written(keys)} 张`).waitFor();
    assert.deepEqual(await api.get(`/v1/products/${product.id}/stock`).then(s => [s.available, s.void]), [0, keys]);
    quiet(me.seen, [me.home], 'an import');
    await me.close();
  });

  test('the drawer of a sandbox plays what the page shows: a payment that fails, one that does not, a refund that is refused', async () => {
    const order = await api.order([{product_id: info.product_id, quantity: 1}]), me = await admin('player@example.cn'), {page} = me, act = name => page.getByRole('button', {name, exact: true});
    await page.goto(`${me.home}${base}/orders/${order.id}`);
    await act('沙箱').click();
    await act('让付款失败').click();
    await page.getByText('付款失败了，订单仍待付款').waitFor();
    await look(page, 'drawer-order');
    await act('代替买家付款').click();
    await page.locator('h1 + span').getByText('已发货').waitFor();
    await page.getByLabel('退款结果').selectOption('succeeds');
    await act('设定').click();
    await page.getByText('已设定，对下一笔退款生效').waitFor();
    await page.goto(`${me.home}${base}/orders`);
    await settled(page);
    await act('沙箱').click();
    await page.getByText('打开订单、进件、商户或商品的页面').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({state: 'detached'});
    quiet(me.seen, [me.home], 'the drawer');
    await me.close();
  });

  test('a request that was refused is found in the log, by its id and by its key, and its body has no texts', async () => {
    const secret = '不该留下的备注', {status, body} = await api.send('POST', '/v1/orders', {items: [{product_id: 'prd_00000000000000000000000000', quantity: 1}], reference: secret}, {'Idempotency-Key': randomUUID()});
    assert.equal(status, 404, JSON.stringify(body));
    const entry = await until('it is in the log', async () => (await api.get('/v1/requests?operation=createOrder&outcome=failed')).data.find(r => r.error_code === body.code));
    const me = await admin('reader@example.cn'), {page} = me;
    await page.goto(`${me.home}${base}/requests?outcome=failed&operation=createOrder`);
    await settled(page);
    await page.getByRole('button', {name: '按请求编号打开'}).click();
    await page.getByRole('dialog').getByLabel('请求编号').fill(entry.id);
    await page.getByRole('dialog').getByRole('button', {name: '打开'}).click();
    await page.waitForURL('**/requests/' + entry.id);
    await page.getByText(body.code).first().waitFor();
    assert.doesNotMatch(await page.locator('main').innerText(), new RegExp(secret), 'the log shows a text');
    await look(page, 'request');
    await page.getByRole('link', {name: /接口密钥/}).last().click();
    await page.waitForURL('**/keys/key_*');
    await page.getByRole('link', {name: '查看它的请求'}).click();
    await page.waitForURL('**/requests?actor_id=key_*');
    await settled(page);
    // An error on a page leads to its request.
    await page.goto(`${me.home}${base}/orders/ord_00000000000000000000000000`);
    await page.locator('main a[href*="/requests/req_"]').click();
    await page.getByText('getOrder').first().waitFor();
    quiet(me.seen, [me.home], 'the request log');
    await me.close();
  });

  test('a notice route is added, tested, disabled and deleted; a text is seen as a message while it is typed', async () => {
    const me = await admin('herald@example.cn'), {page} = me, form = page.getByRole('dialog'), act = name => page.getByRole('button', {name, exact: true});
    await page.goto(`${me.home}${base}/notices`);
    await settled(page);
    await act('添加渠道').click();
    await form.getByRole('button', {name: '添加'}).click();
    await form.getByText('必填').first().waitFor();
    await form.getByLabel('名称').fill('值班邮箱');
    await form.getByLabel('地址', {exact: true}).fill('duty@example.cn');
    await form.getByRole('button', {name: '添加'}).click();
    const proof = page.getByRole('dialog', {name: '确认是你本人'}); // it comes in between, then the same request goes on
    await proof.getByLabel('密码').fill(password);
    await proof.getByLabel('验证码').fill(me.codes[0]);
    await proof.getByRole('button', {name: '验证并继续'}).click();
    await page.waitForURL('**/notices/routes/nrt_*');
    await act('发送测试').click();
    await page.getByText('测试消息已送达').waitFor();
    await look(page, 'notice-route');
    await act('停用').click();
    await page.locator('h1 + span').getByText('已停用').waitFor();
    await act('删除').click();
    await form.getByRole('button', {name: '删除', exact: true}).click();
    await page.waitForURL(/\/notices$/);
    for (const [tab, name] of [['发送记录', 'notices-sent'], ['渠道', 'notices'], ['文案', 'notices-texts']]) {
      await act(tab).click();
      await settled(page);
      if (process.env.LOOK) await look(page, name);
    }
    await page.getByRole('link', {name: '新工单'}).click();
    await page.waitForURL('**/notices/texts/case.opened/zh');
    await page.getByLabel('标题').fill('请处理：{{kind}}');
    await page.getByText(/请处理：(?!\{)/).first().waitFor();
    await page.getByLabel('正文').fill('{{nobody}}');
    await page.locator('[role=alert]').first().waitFor();
    await page.getByLabel('正文').fill('工单 {{case_id}}');
    await page.locator('[role=alert]').waitFor({state: 'detached'});
    await act('保存').click();
    await act('恢复默认').click();
    await page.getByText('已恢复默认文案').waitFor();
    await look(page, 'notice-text');
    quiet(me.seen, [me.home], 'notices');
    await me.close();
  });
}
