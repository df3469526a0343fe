// The API reference is somebody else's program on our page: it must call nobody and work under our policy.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {overflow, quiet, visitor, widths} from './browser.mjs';

export default function reference({program, browser}) {
  test('the API reference: an operation is opened, nobody else is asked, nothing is complained about', async () => {
    const {page, seen, close} = await visitor(browser, {size: widths.desk, lang: 'en'});
    await page.goto(program.info.reference_url);
    const navigation = page.locator('#reference nav, #reference aside').first();
    await navigation.getByText('orders', {exact: true}).first().click();
    await navigation.getByText('Create an order', {exact: true}).first().click();
    await page.getByRole('heading', {name: 'Create an order'}).waitFor();
    assert.match(page.url(), /#tag\/orders\/POST\/v1\/orders$/);
    await page.getByText('Idempotency-Key', {exact: true}).first().waitFor();
    await page.locator('code.hljs', {hasText: '--request POST'}).first().waitFor();
    // It is styled: its sheets passed the policy.
    assert.ok(await page.evaluate(() => document.getElementById('scalar-style').sheet.cssRules.length > 100));
    assert.equal(await page.locator('code.hljs').first().evaluate(e => getComputedStyle(e).getPropertyValue('--line-digits')), '1');
    quiet(seen, [program.info.api_url], 'the reference');
    for (const size of Object.values(widths)) {
      await page.setViewportSize(size);
      assert.equal(await overflow(page), null, `at ${size.width} px`);
    }
    quiet(seen, [program.info.api_url], 'the reference');
    await close();
  });

  test('the reference’s policy takes neither script nor style that is written into the page', async () => {
    const {page, seen, close} = await visitor(browser);
    await page.goto(program.info.reference_url);
    await page.evaluate(() => {
      const bad = document.createRange().createContextualFragment('<style>body { outline: 7px solid red }</style><img src="/none" onerror="canary(1)"><p style="outline: 7px solid red">x</p>');
      document.body.append(bad);
    });
    await page.waitForFunction(() => [...document.images].at(-1).complete);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).outlineWidth === '7px' || getComputedStyle(document.body.lastElementChild).outlineWidth === '7px'), false);
    assert.deepEqual(seen.canaries, []);
    assert.ok(seen.problems.filter(p => p.includes('Content Security Policy')).length >= 2, 'the policy did not have to stop anything');
    await close();
  });

  test('without JavaScript the reference points to the contract', async () => {
    const {page, close} = await visitor(browser, {javaScriptEnabled: false});
    await page.goto(program.info.reference_url);
    const contract = await page.getByRole('link', {name: 'openapi.yaml'}).getAttribute('href');
    assert.equal((await fetch(new URL(contract, program.info.api_url))).status, 200);
    await close();
  });
}
