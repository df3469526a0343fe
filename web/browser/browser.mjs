// Chromium as a buyer has it, with an eye on everything a page does: whom it asks, what it complains about, whether it runs what it must not.
import {existsSync} from 'node:fs';
import assert from 'node:assert/strict';
import {chromium} from 'playwright-core';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function launch() {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
  if (!executablePath) throw new Error('chromium is missing: apt-get install -y chromium');
  return chromium.launch({executablePath, headless: true, args: flags}); // each start has a fresh profile
}

export const widths = {phone: {width: 360, height: 780}, tablet: {width: 768, height: 1024}, desk: {width: 1440, height: 900}};

// visitor opens a page of its own. seen.requests are the addresses it asked for, seen.problems what a console would show in red, canary calls included.
export async function visitor(browser, {size = widths.phone, lang = 'zh', ...options} = {}) {
  const context = await browser.newContext({viewport: size, locale: lang === 'en' ? 'en-GB' : 'zh-CN', reducedMotion: 'reduce', ...options});
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const seen = {requests: [], problems: [], canaries: []};
  page.on('request', r => { if (!r.url().startsWith('data:')) seen.requests.push(r.url()); });
  page.on('console', m => {
    if (m.text().includes('canary')) seen.canaries.push('console: ' + m.text());
    if (m.type() === 'error' && !/the server responded with a status of 4/.test(m.text())) seen.problems.push(m.text());
  });
  page.on('pageerror', e => seen.problems.push(String(e)));
  page.on('dialog', d => { seen.canaries.push('dialog: ' + d.message()); d.dismiss(); });
  await context.exposeBinding('canary', (_, from) => { seen.canaries.push('called: ' + from); });
  return {context, page, seen, close: () => context.close()};
}

// quiet demands that every request went to one of the given origins and that nothing was complained about.
export function quiet(seen, origins, where) {
  const foreign = seen.requests.filter(u => !origins.includes(new URL(u).origin));
  assert.deepEqual(foreign, [], `${where} asks others`);
  assert.deepEqual(seen.problems, [], `${where} complains`);
  assert.deepEqual(seen.canaries, [], `${where} runs what was typed`);
}

// overflow tells what is wider than the window.
export async function overflow(page) {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide <= 0) return null;
    const worst = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 5);
    return `${wide} px: ` + worst.map(e => e.tagName + '.' + e.className).join(', ');
  });
}

// small lists what a thumb cannot hit: controls lower than 44 px or narrower than 44 px; a link within a sentence is text.
export async function small(page) {
  return page.evaluate(() => [...document.querySelectorAll('a, button, select, summary, input:not([type=hidden])')].flatMap(e => {
    const style = getComputedStyle(e);
    if (style.visibility === 'hidden' || !e.getClientRects().length || e.classList.contains('skip')) return [];
    if (e.tagName === 'A' && style.display === 'inline') return [];
    const target = e.matches('input[type=radio], input[type=checkbox]') ? e.closest('label') ?? e : e;
    const {width, height} = target.getBoundingClientRect();
    return height < 43.5 || width < 43.5 ? [`${e.tagName}.${e.className} “${(e.innerText || e.name || '').trim().slice(0, 20)}” ${Math.round(width)}×${Math.round(height)}`] : [];
  }));
}

// reveal asks for the card keys on a delivered checkout page, unless the browser sees them already.
export async function reveal(page) {
  const button = page.locator('form[method=post] button');
  if (await button.count()) await button.click();
  await page.locator('.keys').first().waitFor();
}
