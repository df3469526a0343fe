// Every page there is: shape and manners at each width, in both languages; and its picture.
import assert from 'node:assert/strict';
import {AxeBuilder} from '@axe-core/playwright';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {shownInDocs, takeTour} from './pictures.mjs';
import {overflow, quiet, reveal, small, visitor, widths} from './browser.mjs';

// pagesOf names every page with its address and status.
export async function pagesOf({program, stage}) {
  const {orders, trade, complaint, app, shop} = stage, desk = p => program.simulator + '/desk' + p;
  const note = (await program.desk('GET', '/notifications?app_id=' + app)).notifications.find(n => !n.message && n.attempts?.length);
  const application = (await program.desk('GET', '/applications')).applications[0];
  const merchant = (await program.desk('GET', '/merchants')).merchants[0];
  const pages = {};
  for (const state of ['pay', 'page', 'preparing', 'expired', 'paid', 'delivered', 'many', 'review', 'refunded', 'closed']) pages['checkout-' + state] = {address: orders[state].checkout_url};
  pages['checkout-hidden'] = pages['checkout-delivered'];
  for (const state of ['delivered', 'many']) pages['checkout-' + state] = {address: orders[state].checkout_url, act: reveal};
  pages['checkout-missing'] = {address: program.info.api_url + '/checkout/AaIGsaO6ee6gl5tk1au7', status: 404};
  const open = await program.api.order([{product_id: stage.product.id, quantity: 1}]);
  Object.assign(pages, {
    'cashier-qr': {address: open.payment.pay_url},
    'cashier-pc': {address: orders.page.payment.pay_url},
    'cashier-h5': {address: shop('alipay.trade.wap.pay')},
    'cashier-app': {address: shop('alipay.trade.app.pay')},
    'cashier-short': {address: open.payment.pay_url, act: p => p.locator('button[value=short]').click()},
    'cashier-wrong': {address: open.payment.pay_url, act: p => p.locator('button[value=wrong]').click()},
    'cashier-left': {address: open.payment.pay_url + '?left=1'},
    'cashier-paid': {address: orders.delivered.payment.pay_url},
    'cashier-closed': {address: orders.closed.payment.pay_url},
    'cashier-missing': {address: program.simulator + '/cashier/nothing', status: 404},
    'desk': {address: desk('')},
    'desk-apps': {address: desk('/apps')}, 'desk-app': {address: desk('/apps/' + app)},
    'desk-applications': {address: desk('/applications')}, 'desk-application': {address: desk('/applications/' + application.order_id)},
    'desk-merchants': {address: desk('/merchants')}, 'desk-merchant': {address: desk('/merchants/' + merchant.smid)},
    'desk-trades': {address: desk('/trades')}, 'desk-trade': {address: desk('/trades/' + trade.trade_no)},
    'desk-notifications': {address: desk('/notifications')}, 'desk-notification': {address: desk('/notifications/' + note.notify_id)},
    'desk-complaints': {address: desk('/complaints')}, 'desk-complaint': {address: desk('/complaints/' + complaint.complain_event_id)},
    'desk-money': {address: desk('/funds')}, 'desk-clock': {address: desk('/clock')}, 'desk-faults': {address: desk('/faults')},
    'desk-missing': {address: desk('/trades/nothing'), status: 404},
    'errors': {address: program.info.api_url + '/docs/errors'},
    'sign-in': {address: program.info.api_url + '/sign-in'},
    'sign-up': {address: program.info.api_url + '/signup'},
    'sign-up-over': {address: program.info.api_url + '/signup/nothing', status: 404},
    'sign-in-recover': {address: program.info.api_url + '/sign-in/recover'},
    'sign-in-invitation-over': {address: program.info.api_url + '/sign-in/invitation/nothing', status: 404},
  });
  return pages;
}

export const inLanguage = (address, lang) => { const u = new URL(address); u.searchParams.set('lang', lang); return u.href; };

// axe gives the serious and critical faults of the page as it is now.
export async function axe(page) {
  const {violations} = await new AxeBuilder({page}).analyze();
  return violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`);
}

// The short form looks at Chinese pages only, and for contrast and names at a phone in the dark only, of the product's pages and not of the simulator's.
const short = process.env.SHORT === '1';

// pages looks at each page.
export function pages(world, all) {
  const {program, browser, stage} = world, origins = [program.info.api_url, program.simulator];
  for (const [name, {address, status = 200, act}] of Object.entries(all)) {
    test(`${name}: status, fit, thumbs, contrast and names`, async () => {
      if (name === 'checkout-review') await stage.reviewed;
      const {page, seen, close} = await visitor(browser);
      for (const lang of short ? ['zh'] : ['zh', 'en']) {
        const signed = address.includes('gateway.do'); // its language cannot be changed in the address, it is remembered
        const answer = await page.goto(signed ? address : inLanguage(address, lang));
        assert.equal(answer.status(), status);
        assert.match(answer.headers()['content-security-policy'], /default-src 'none'/);
        assert.doesNotMatch(answer.headers()['content-security-policy'], /unsafe/);
        if (!signed && name !== 'errors') assert.equal(await page.locator('html').getAttribute('lang'), lang === 'zh' ? 'zh-CN' : 'en');
        if (act) await act(page);
        for (const size of Object.values(widths)) {
          await page.setViewportSize(size);
          assert.equal(await overflow(page), null, `${lang} at ${size.width} px`);
        }
        if (lang === 'zh' && !short) assert.deepEqual(await axe(page), [], 'at a desk');
        await page.setViewportSize(widths.phone);
        assert.deepEqual(await small(page), [], `${lang}: too small for a thumb`);
        if (lang === 'zh' && !(short && /^(desk|cashier)/.test(name))) {
          await page.emulateMedia({colorScheme: 'dark'});
          assert.deepEqual(await axe(page), [], 'on a phone in the dark');
          await page.emulateMedia({colorScheme: 'light'});
        }
      }
      quiet(seen, origins, name);
      await close();
    });
  }
}

// The pictures of the documents can be taken, and are those that the documents show.
export function pictures(world) {
  test('make screenshots takes the pictures that the documents show', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'zhitong-pictures-'));
    try {
      const taken = await takeTour(world, directory);
      assert.deepEqual(Object.keys(taken).sort(), await shownInDocs());
      for (const [name, bytes] of Object.entries(taken)) assert.ok(bytes > 10_000, `${name} is empty`);
    } finally {
      await rm(directory, {recursive: true});
    }
  });
}
