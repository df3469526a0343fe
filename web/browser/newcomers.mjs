// Somebody new: from sign-up to the first delivered order by page alone, in a sandbox, with what buyers and Alipay do done from its drawer; then going live.
import assert from 'node:assert/strict';
import {generateKeyPairSync} from 'node:crypto';
import {test} from 'node:test';
import {quiet, visitor, widths} from './browser.mjs';
import {look, settled} from './look.mjs';
import {codeOf, mailed, password} from './people.mjs';

const within = 5 * 60; // seconds, from the page of sign-up to the first delivered order

export default function newcomers(world) {
  const {program, browser} = world, home = new URL(program.info.sign_in_url).origin;

  test('from sign-up to the first delivered order in under five minutes, without a line of curl; then the live platform', async t => {
    const {page, seen, close} = await visitor(browser, {size: widths.desk}), email = 'newcomer@example.cn', began = Date.now();
    let steps = 0;
    const press = async where => { steps++; await where.click(); };
    const type = async (where, text) => { steps++; await where.fill(text); };
    const button = (name, of = page) => of.getByRole('button', {name, exact: true}), link = name => page.getByRole('link', {name, exact: true}).first();
    const submit = () => press(page.locator('main form button.button:visible').first());
    const dialog = () => page.getByRole('dialog').last();
    const picture = async name => { if (process.env.LOOK) await page.screenshot({path: `${process.env.LOOK}/new-${name}.png`}); };

    await page.goto(home + '/signup');
    await type(page.locator('#platform'), '启航卡盟');
    await type(page.locator('#email'), email);
    await submit();
    await page.locator('#said.said-good').waitFor();
    await page.goto(home + await mailed(program, email, '/signup/'));
    await type(page.locator('#password'), password);
    await press(page.locator('form:has(#password) button.button'));
    await page.waitForURL('**/app');
    const key = await page.locator('#key').innerText();
    await type(page.locator('#code'), codeOf(key, 0));
    await submit();
    await page.locator('.codes').waitFor();
    const codes = await page.locator('.codes code').allInnerTexts();
    await press(page.locator('a.button.whole'));
    await page.waitForURL('**/account*');
    await press(page.locator('a[href^="/console/"]').first());
    await page.getByRole('heading', {name: '开始使用'}).waitFor();
    await look(page, 'first-steps');

    await press(link('去检查'));
    await press(button('检查连接'));
    await page.getByText('没有发现错误').waitFor();
    await look(page, 'alipay-checked');

    await press(link('首页'));
    await press(link('去商户'));
    await press(button('新建商户'));
    await type(dialog().getByLabel('名称'), '启航供货');
    await press(button('新建商户', dialog()));
    await page.waitForURL('**/merchants/mer_*');
    await press(button('沙箱'));
    await picture('merchant');
    await press(button('用示例资料进件'));
    await page.waitForURL('**/applications/app_*');
    await press(button('全部通过'));
    await page.locator('h1 + span').getByText('已通过').waitFor();
    await picture('application');

    await press(link('首页'));
    await press(link('去商品'));
    await press(button('新建商品'));
    const form = page.getByRole('dialog', {name: '新建商品'});
    await type(form.getByLabel('名称'), '启航点券 50 元');
    await type(form.getByLabel('价格'), '48.80');
    steps++;
    await form.getByLabel('收款商户').selectOption({label: '启航供货'});
    await press(button('用「平台 5 %」', form));
    await form.getByLabel('分账规则').locator('option', {hasText: '平台 5 %'}).waitFor({state: 'attached'});
    await press(button('新建商品', form));
    await page.waitForURL('**/products/prd_*');
    await press(link('导入卡密'));
    await type(page.getByLabel('或者粘贴'), 'QIHANG-0001-AAAA\nQIHANG-0002-BBBB\n');
    await press(button('导入 2 张'));
    await page.getByText('导入完成').waitFor();
    await press(link('回到商品'));
    await page.waitForURL(/\/products\/prd_[0-9a-z]+$/);
    await press(button('下一笔测试订单'));
    await page.waitForURL('**/orders/ord_*');
    await picture('order');
    await press(button('代替买家付款'));
    await page.locator('h1 + span').getByText('已发货').waitFor();
    const took = (Date.now() - began) / 1_000;
    t.diagnostic(`from sign-up to the first delivered order: ${steps} steps in ${took.toFixed(1)} s`);
    assert.ok(took < within, `it took ${took} s`);
    await picture('delivered');

    // The drawer goes on with what is shown: now the buyer can complain.
    await press(button('代替买家投诉'));
    await page.getByText('投诉已发出').waitFor();
    await press(button('关闭', page.getByRole('dialog')));
    await press(link('首页'));
    await page.locator('main h1').waitFor();
    await settled(page);
    assert.equal(await page.getByRole('heading', {name: '开始使用'}).count(), 0, 'the first steps stay after the first order');

    // Other credentials: what is not a key is said at its field; keys that do not belong to the app are found by the doctor.
    await press(link('支付宝'));
    await press(link('更换凭证'));
    await type(page.getByLabel('应用私钥', {exact: true}), 'no key');
    await type(page.getByLabel('支付宝公钥', {exact: true}), 'no key either');
    await press(button('保存'));
    // A fresh proof is asked for in the middle, if the last one is too old; then the same request goes on.
    const proof = page.getByRole('dialog', {name: '确认是你本人'});
    await proof.or(page.locator('[role=alert]')).first().waitFor();
    if (await proof.count() > 0) {
      await proof.getByLabel('密码').fill(password);
      await proof.getByLabel('验证码').fill(codes[0]);
      await button('验证并继续', proof).click();
    }
    await page.locator('[role=alert]').first().waitFor();
    const pair = () => generateKeyPairSync('rsa', {modulusLength: 2048, publicKeyEncoding: {type: 'spki', format: 'pem'}, privateKeyEncoding: {type: 'pkcs8', format: 'pem'}});
    await page.getByLabel('读取文件: 应用私钥', {exact: true}).setInputFiles({name: '应用私钥.txt', mimeType: 'text/plain', buffer: Buffer.from(pair().privateKey)});
    await type(page.getByLabel('支付宝公钥', {exact: true}), pair().publicKey);
    await button('重新填写').waitFor();
    await look(page, 'alipay-keys-filled');
    assert.doesNotMatch(await page.locator('main').innerText(), /PRIVATE KEY/, 'a key that was filled in is shown');
    await press(button('保存'));
    await page.getByText('保存后立即生效').waitFor({state: 'detached'});
    await press(button('检查连接'));
    await page.getByText('处理办法').first().waitFor();
    await look(page, 'alipay-wrong');

    // Going live: the other platform has no drawer and no connection.
    await press(button('开通正式平台'));
    await press(button('开通正式平台', dialog()));
    await page.getByText('还没有连接支付宝应用').waitFor();
    assert.equal(await button('沙箱').count(), 0, 'a live platform has the sandbox’s drawer');
    assert.doesNotMatch(await page.title(), /沙箱/);
    await look(page, 'alipay-live');
    quiet(seen, [home], 'a newcomer');
    await close();
  });
}
