// `make bench/console/browser`: when a page of the console shows what it is for, on a processor four times as slow and with nothing in the cache, how much
// moves after that, and how large the page is. These are figures, not a test: they depend on the machine.
import {launch, visitor, widths} from './browser.mjs';
import {pay, Program} from './program.mjs';

const slower = 4, times = 5, orders = 60;
// The budgets of a page: milliseconds until it is useful, what may move, and elements.
const budget = {useful: 1_500, shift: 0, elements: 1_000};
const median = of => [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)];

// watch notes in the page when the first element of a selector has been painted, and all that moved.
function watch(selector) {
  globalThis.figures = {useful: null, shift: 0};
  new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) globalThis.figures.shift += e.value; }).observe({type: 'layout-shift', buffered: true});
  const look = () => {
    if (!document.querySelector(selector)) requestAnimationFrame(look);
    else requestAnimationFrame(() => { globalThis.figures.useful = performance.now(); });
  };
  requestAnimationFrame(look);
}

const browser = await launch(), program = await Program.start();
try {
  const {api, info} = program, base = `/console/${info.tenant_id}`, home = new URL(info.sign_in_url).origin;
  let last;
  for (let i = 0; i < orders; i++) {
    last = await api.order([{product_id: info.product_id, quantity: 1}]);
    if (i % 4 === 0) await pay(last);
  }
  const {page, context, close} = await visitor(browser, {size: widths.desk});
  await page.goto(info.sign_in_url);
  await page.locator('form button').click();
  await page.waitForURL('**/console/**');
  const pages = {
    'home': [base, 'main h2'], 'orders': [base + '/orders', '[data-row]'], 'an order': [`${base}/orders/${last.id}`, 'main ol li'],
    'products': [base + '/products', '[data-row]'], 'merchants': [base + '/merchants', '[data-row]'], 'events': [base + '/events', '[data-row]'],
  };
  const within = (value, most) => value <= most ? '' : ' !';
  console.log(`useful paint at ${slower} × slower, without cache (ms, median of ${times}, goal ${budget.useful}) · layout shift (goal ${budget.shift}) · elements (goal ${budget.elements})`);
  for (const [name, [where, selector]] of Object.entries(pages)) {
    const useful = [], shift = [], elements = [];
    for (let i = 0; i < times; i++) {
      const tab = await context.newPage(), devtools = await context.newCDPSession(tab);
      await devtools.send('Network.enable');
      await devtools.send('Network.setCacheDisabled', {cacheDisabled: true});
      await devtools.send('Emulation.setCPUThrottlingRate', {rate: slower});
      await tab.addInitScript(watch, selector);
      await tab.goto(home + where);
      await tab.waitForFunction(() => globalThis.figures.useful !== null);
      await tab.waitForLoadState('networkidle', {timeout: 3_000}).catch(() => {}); // the stream stays open
      const {useful: at, shift: moved} = await tab.evaluate(() => globalThis.figures);
      useful.push(at);
      shift.push(moved);
      elements.push(await tab.evaluate(() => document.querySelectorAll('*').length));
      await tab.close();
    }
    const [u, s, e] = [median(useful), Math.max(...shift), Math.max(...elements)];
    console.log(`${name.padEnd(10)} ${u.toFixed(0).padStart(6)}${within(u, budget.useful)}  ${s.toFixed(3)}${within(s, budget.shift)}  ${e}${within(e, budget.elements)}`);
  }
  await close();
} finally {
  await browser.close();
  await program.stop();
}
