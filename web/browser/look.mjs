// How every page of the console and of the portal has to look.
import assert from 'node:assert/strict';
import {overflow, small, widths} from './browser.mjs';
import {axe} from './pages.mjs';

const short = process.env.SHORT === '1';

// look holds a page of an application to its shape at each width, in the light and in the dark.
export async function look(page, name, app = 'console') {
  for (const size of [widths.desk, widths.tablet, widths.phone]) {
    await page.setViewportSize(size);
    assert.equal(await overflow(page), null, `${name} at ${size.width} px`);
    if (process.env.LOOK) await page.screenshot({path: `${process.env.LOOK}/${app}-${name}-${size.width}.png`, fullPage: true});
  }
  assert.deepEqual(await small(page), [], `${name}: too small for a thumb`);
  for (const colorScheme of short ? ['dark'] : ['light', 'dark']) {
    await page.emulateMedia({colorScheme});
    assert.deepEqual(await axe(page), [], `${name}, ${colorScheme}`);
    if (process.env.LOOK && colorScheme === 'dark') await page.screenshot({path: `${process.env.LOOK}/${app}-${name}-dark.png`, fullPage: true});
  }
  await page.emulateMedia({colorScheme: 'light'});
  await page.setViewportSize(widths.desk);
}

// settled waits until a page shows what it has to show.
export async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null && ![...document.querySelectorAll('[role=status][aria-label]')].length);
}
