// Attack A33: script in every text that somebody can type, shown on every page that shows it. It must be seen as text and must not run.
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {test} from 'node:test';
import {quiet, reveal, visitor} from './browser.mjs';
import {script} from './stage.mjs';

// inside is what is left of the script where the product takes characters away: Alipay takes no / = & in a subject.
const inside = script.replace(/[/=&]/g, ' ');

export default function hostile({program, browser, attack}) {
  const desk = p => program.simulator + '/desk' + p;
  const pages = {
    'checkout, to be paid': [attack.open.checkout_url, script],
    'checkout, delivered': [attack.order.checkout_url, script],
    'checkout, delivered, English': [attack.order.checkout_url + '?lang=en', script],
    'cashier': [attack.open.payment.pay_url, inside],
    'cashier, paid': [attack.order.payment.pay_url, inside],
    'desk': [desk(''), null], // the latest trades, which may be others'
    'desk, apps': [desk('/apps'), script],
    'desk, app': [desk('/apps/' + attack.app), script],
    'desk, merchants': [desk('/merchants'), null],
    'desk, merchant': [desk('/merchants/' + attack.smid), null],
    'desk, applications': [desk('/applications'), null],
    'desk, application': [desk('/applications/' + attack.application), script],
    'desk, trades': [desk('/trades'), inside],
    'desk, trade': [desk('/trades/' + attack.trade.trade_no), inside],
    'desk, notifications': [desk('/notifications'), script],
    'desk, notification': [desk('/notifications/' + attack.note.notify_id), script],
    'desk, complaints': [desk('/complaints'), script],
    'desk, complaint': [desk('/complaints/' + attack.complaint.complain_event_id), script],
    'desk, money': [desk('/funds'), null],
    'desk, clock': [desk('/clock'), null],
    'desk, faults': [desk('/faults'), null],
    'desk, a filter out of the address': [desk('/trades?app_id=' + encodeURIComponent(script) + '&status=' + encodeURIComponent(script)), null],
    'error codes': [program.info.api_url + '/docs/errors#' + encodeURIComponent(script), null],
    'API reference': [program.info.reference_url + '#' + encodeURIComponent(script), null],
    'a checkout that does not exist': [program.info.api_url + '/checkout/' + encodeURIComponent(script), null],
    'a cashier that does not exist': [program.simulator + '/cashier/' + encodeURIComponent(script), null],
  };
  for (const [name, [address, text]] of Object.entries(pages)) {
    test(`A33: ${name}: script is text`, async () => {
      const {page, seen, close} = await visitor(browser);
      const answer = await page.goto(address);
      const policy = answer.headers()['content-security-policy'] ?? '';
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /script-src 'self'|^(?!.*script-src)/); // without script-src, default-src says none
      assert.doesNotMatch(policy, /unsafe|\*/);
      await page.waitForLoadState('load');
      if (name.startsWith('checkout, delivered')) await reveal(page);
      if (text !== null) assert.ok(await page.evaluate(t => document.body.innerText.includes(t) || [...document.querySelectorAll('input, textarea, option')].some(e => e.value.includes(t) || e.textContent.includes(t)), text), 'the text is not on the page: this shows nothing');
      assert.equal(await page.locator('img[src=x], script:not([src])').count(), 0, 'text became markup');
      await page.evaluate(() => new Promise(done => setTimeout(done, 50))); // an image that fails does so a little later
      quiet(seen, [program.info.api_url, program.simulator], name);
      await close();
    });
  }

  // The control: the canary is seen where a page does not escape, and the policy alone stops it where it does not either.
  test('A33, control: without escaping the canary sings, and the policy alone silences it', async () => {
    const policy = (await fetch(attack.order.checkout_url)).headers.get('content-security-policy');
    const server = createServer((request, answer) => {
      if (request.url === '/with') answer.setHeader('Content-Security-Policy', policy);
      answer.setHeader('Content-Type', 'text/html; charset=utf-8').end('<!doctype html><title>control</title><body title="' + script + '">' + script);
    });
    await new Promise(done => server.listen(0, '127.0.0.1', done));
    const origin = 'http://127.0.0.1:' + server.address().port;
    try {
      const heard = {};
      for (const where of ['without', 'with']) {
        const {page, seen, close} = await visitor(browser);
        await page.goto(origin + '/' + where);
        await page.evaluate(() => new Promise(done => setTimeout(done, 50)));
        heard[where] = [...new Set(seen.canaries)].sort();
        if (where === 'with') assert.ok(seen.problems.some(p => p.includes('Content Security Policy')), 'the policy did not have to stop anything');
        assert.throws(() => quiet(seen, [origin], where));
        await close();
      }
      assert.deepEqual(heard, {without: ['called: 1', 'called: 2'], with: []});
    } finally {
      server.close();
    }
  });
}
