// Pictures of the pages. `make screenshots` makes those of docs/ anew; with ALL=directory every page at every width in both languages, to look at.
import {mkdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {visitor, widths} from './browser.mjs';
import {inLanguage, pagesOf} from './pages.mjs';
import {root} from './program.mjs';

// shoot opens a page at a width and keeps what a window shows of it, or the whole length.
async function shoot(world, file, {address, act}, {size, lang = 'zh', whole = false, dark = false}) {
  const {page, close} = await visitor(world.browser, {size, lang, colorScheme: dark ? 'dark' : 'light'});
  await page.goto(address.includes('gateway.do') ? address : inLanguage(address, lang));
  if (act) await act(page);
  if (address === world.program.info.reference_url) {
    const [tag, operation] = lang === 'zh' ? ['订单', '创建订单'] : ['orders', 'Create an order'];
    await page.locator('#reference h1').first().waitFor();
    if (size.width > 1000) {
      const navigation = page.locator('#reference nav, #reference aside').first();
      await navigation.getByText(tag, {exact: true}).first().click();
      await navigation.getByText(operation, {exact: true}).first().click();
      await page.locator('code.hljs', {hasText: '/v1/orders'}).first().waitFor();
    }
  }
  const bytes = await page.screenshot({path: file, fullPage: whole});
  await close();
  return bytes.length;
}

// tour is what docs/ shows: each picture's name without its width, the page it is of, and its widths.
const tour = [
  ['checkout', 'checkout-pay', widths.phone, widths.desk], ['cashier', 'cashier-qr', widths.phone, widths.desk], ['cashier-paid', 'cashier-paid', widths.phone, widths.desk],
  ['checkout-delivered', 'checkout-delivered', widths.phone, widths.desk], ['desk', 'desk', widths.phone, widths.desk],
  ['desk-trade', 'desk-trade', widths.desk], ['desk-notification', 'desk-notification', widths.desk], ['reference', 'reference', widths.desk],
];

// takeTour makes the pictures of docs/ and returns their sizes in bytes by name.
export async function takeTour(world, directory) {
  await mkdir(directory, {recursive: true});
  await world.stage.reviewed; // then no fault is on
  const pages = {...await pagesOf(world), reference: {address: world.program.info.reference_url}};
  const taken = {};
  for (const [picture, name, ...sizes] of tour) {
    for (const size of sizes) taken[`${picture}-${size.width}.png`] = await shoot(world, path.join(directory, `${picture}-${size.width}.png`), pages[name], {size});
  }
  return taken;
}

export async function takeAll(world, directory) {
  await mkdir(directory, {recursive: true});
  await world.stage.reviewed;
  const pages = {...await pagesOf(world), reference: {address: world.program.info.reference_url}};
  for (const [name, page] of Object.entries(pages)) {
    const whole = name !== 'reference' && name !== 'errors';
    for (const lang of ['zh', 'en']) for (const size of Object.values(widths)) await shoot(world, path.join(directory, `${name}-${size.width}-${lang}.png`), page, {size, lang, whole});
    await shoot(world, path.join(directory, `${name}-360-dark.png`), page, {size: widths.phone, whole, dark: true});
  }
}

// shownInDocs are the pictures that the documents show.
export async function shownInDocs() {
  const text = (await Promise.all(['docs/tour.md', 'docs/simulator.md', 'README.md'].map(f => readFile(path.join(root, f), 'utf8')))).join('\n');
  return [...new Set([...text.matchAll(/images\/([\w-]+\.png)/g)].map(m => m[1]))].sort();
}
