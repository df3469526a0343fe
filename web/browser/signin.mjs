// People at the doors: each page looked at in both languages, at each width, light and dark; a passkey made by a device that chromium plays.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {axe} from './pages.mjs';
import {overflow, quiet, small, visitor, widths} from './browser.mjs';

const short = process.env.SHORT === '1';

// look holds a page that is open to its shape: it is not loaded again, so that pages that are shown once can be looked at.
export async function look(page, name) {
  for (const size of Object.values(widths)) {
    await page.setViewportSize(size);
    assert.equal(await overflow(page), null, `${name} at ${size.width} px`);
  }
  await page.setViewportSize(widths.phone);
  assert.deepEqual(await small(page), [], `${name}: too small for a thumb`);
  for (const colorScheme of short ? ['dark'] : ['light', 'dark']) {
    await page.emulateMedia({colorScheme});
    assert.deepEqual(await axe(page), [], `${name}, ${colorScheme}`);
    if (process.env.LOOK) await page.screenshot({path: `${process.env.LOOK}/${name}-${colorScheme}.png`, fullPage: true});
  }
  await page.emulateMedia({colorScheme: 'light'});
  if (process.env.LOOK) {
    await page.setViewportSize(widths.desk);
    await page.screenshot({path: `${process.env.LOOK}/${name}-desk.png`, fullPage: true});
  }
}

// device is an authenticator that chromium plays: it keeps passkeys and knows who holds it.
async function device(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const {authenticatorId} = await cdp.send('WebAuthn.addVirtualAuthenticator', {options: {protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true}});
  return {present: enabled => cdp.send('WebAuthn.setUserVerified', {authenticatorId, isUserVerified: enabled})};
}

export default function signin(world) {
  const {program, browser} = world, home = new URL(program.info.sign_in_url).origin;

  test('a passkey: made after a fresh proof, with recovery codes, and one tap signs in and proves again', async () => {
    const {page, seen, close} = await visitor(browser);
    const held = await device(page);
    await page.goto(program.info.sign_in_url);
    await page.locator('form button').click();
    await page.waitForURL('**/console/**'); // who works for a platform comes to its console
    await page.goto(home + '/account');
    await look(page, 'account-without-second');
    await page.locator('a[href="/account/passkey"]').first().click();
    await page.waitForURL('**/account/prove*');
    await look(page, 'prove-by-password');
    await page.fill('#password', program.info.owner_password);
    await page.locator('form button:not([type=button])').last().click();
    await page.waitForURL('**/account/passkey');
    await look(page, 'passkey');
    await page.locator('[data-passkey=create] button').click();
    await page.locator('.codes').waitFor();
    assert.equal(await page.locator('.codes code').count(), 10);
    await look(page, 'codes');
    await page.goto(home + '/account');
    await look(page, 'account');
    await page.locator('form[action="/sign-out"] button').click();
    await page.waitForURL('**/sign-in?*');
    await held.present(false);
    await page.goto(home + '/sign-in');
    await look(page, 'sign-in-passkey');
    await page.locator('[data-passkey=get] button').click();
    await page.locator('[data-failed]:not([hidden])').waitFor(); // nobody was known: the page says so and stays
    await look(page, 'sign-in-not-completed');
    await held.present(true);
    await page.locator('[data-passkey=get] button').click();
    await page.waitForURL('**/console/**');
    await page.goto(home + '/account');
    await page.locator('form[action="/account/codes"] button').click();
    await page.waitForURL('**/account/prove*');
    await look(page, 'prove-by-passkey');
    await page.locator('[data-passkey=get] button').click();
    await page.locator('.codes').waitFor();
    quiet(seen, [home], 'a passkey');
    await close();
  });

  test('the address of the machine instead of its name: no passkey is offered, and the password works', async () => {
    const {page, close} = await visitor(browser);
    await page.goto(program.info.api_url + '/sign-in');
    assert.equal(await page.locator('[data-passkey]:visible').count(), 0);
    assert.equal(await page.locator('#password:visible').count(), 1);
    await close();
  });
}
