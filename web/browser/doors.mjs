// Somebody comes in by every door that needs no passkey: they sign a platform up, come back with the app's code, with a recovery code and by mail, and join another platform.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {quiet, visitor} from './browser.mjs';
import {codeOf, mailed as mailedTo, password} from './people.mjs';
import {look} from './signin.mjs';

export default function doors(world) {
  const {program, browser} = world, home = new URL(program.info.sign_in_url).origin;

  const mailed = (to, begins) => mailedTo(program, to, begins);
  const submit = page => page.locator('main form button.button:visible').first().click();
  const type = async (page, email, secret = password) => {
    await page.fill('#email', email);
    await page.fill('#password', secret);
    await submit(page);
    await page.waitForURL('**/sign-in/code*');
  };
  // enrol sets a password and an app behind a link, and returns the app's key and the recovery codes.
  const enrol = async (page, link, name) => {
    await page.goto(home + link);
    await look(page, name);
    await page.fill('#password', password);
    await page.locator('form:has(#password) button.button').click();
    await page.waitForURL('**/app');
    await look(page, name + '-app');
    const key = await page.locator('#key').innerText();
    await page.fill('#code', codeOf(key, -1)); // the steps before and after now are taken, too: each once, in order
    await submit(page);
    await page.locator('.codes').waitFor();
    await look(page, name + '-codes');
    const codes = await page.locator('.codes code').allInnerTexts();
    await page.locator('a.button.whole').click();
    await page.waitForURL('**/account*');
    return {key, codes};
  };

  test('sign-up, code, recovery code, recovery by mail, two tabs, and an invitation of somebody who has an account', async () => {
    const {page, context, seen, close} = await visitor(browser), email = 'lifang@example.cn';
    await page.goto(home + '/signup');
    await look(page, 'sign-up');
    await page.fill('#platform', '星河卡盟');
    await page.fill('#email', email);
    await submit(page);
    await page.locator('#said.said-good').waitFor();
    const {key, codes} = await enrol(page, await mailed(email, '/signup/'), 'sign-up-confirmed');
    await look(page, 'account-with-platform');
    assert.match(await page.locator('main').innerText(), /星河卡盟/);

    // Two tabs: what one ends the other notices, and nothing is done.
    const second = await context.newPage();
    await second.goto(home + '/account');
    await page.locator('form[action="/sign-out"] button').click();
    await page.waitForURL('**/sign-in?*');
    await second.locator('form[action="/account/codes"] button').click();
    await second.waitForURL('**/sign-in*');
    await second.locator('#email').waitFor();
    await second.close();

    await page.goto(home + '/sign-in');
    await type(page, email);
    await look(page, 'sign-in-code');
    await page.fill('#code', codeOf(key, 0));
    await submit(page);
    await page.waitForURL('**/console/**');
    await page.goto(home + '/account');

    // A session that is ended on another device is over at once here.
    const other = await visitor(browser);
    await other.page.goto(home + '/sign-in');
    await type(other.page, email);
    await other.page.locator('.links a').first().click();
    await look(other.page, 'sign-in-recovery-code');
    await other.page.fill('#code', codes[0]);
    await submit(other.page);
    await other.page.waitForURL('**/console/**');
    await other.page.goto(home + '/account');
    await other.page.locator('form[action="/account/sessions/end"] button').first().click();
    await other.page.waitForURL('**/account/prove*');
    await look(other.page, 'prove-by-code');
    await other.page.fill('#password', password);
    await other.page.fill('#code', codes[1]);
    await other.page.locator('form:has(#password) button.button').click();
    await other.page.waitForURL('**/account?*');
    await page.reload();
    await page.waitForURL('**/sign-in*');
    await other.close();

    // The password is forgotten.
    const anew = '另一句更长的话 9xz';
    await page.goto(home + '/sign-in/recover');
    await look(page, 'recover');
    await page.fill('#email', email);
    await submit(page);
    await page.locator('#said.said-good').waitFor();
    await page.goto(home + await mailed(email, '/sign-in/recover/'));
    await look(page, 'new-password');
    await page.fill('#password', anew);
    await page.fill('#code', codes[2]);
    await submit(page);
    await page.locator('#said.said-good').waitFor();

    // Another platform invites them: with the account that they have they join it.
    const {url} = await program.api.call('POST', '/v1/invitations', {email, role: 'finance'}, {'Idempotency-Key': 'doors'});
    const link = new URL(url).pathname;
    await page.context().clearCookies();
    await page.goto(home + link);
    await look(page, 'invitation');
    await page.locator('.links a').first().click();
    await type(page, email, anew);
    await page.fill('#code', codeOf(key, 1));
    await submit(page);
    await page.waitForURL('**' + link);
    await submit(page);
    await page.waitForURL('**/account?*');
    assert.equal(await page.locator('#in + ul li').count(), 2);
    quiet(seen, [home], 'the doors');
    await close();
  });

  test('an invitation of somebody new', async () => {
    const {page, seen, close} = await visitor(browser, {lang: 'en'}), email = 'wanger@example.cn';
    await program.api.call('POST', '/v1/invitations', {email, role: 'support'}, {'Idempotency-Key': 'doors-new'});
    await enrol(page, await mailed(email, '/sign-in/invitation/'), 'invitation-new-en');
    await look(page, 'account-support-en');
    quiet(seen, [home], 'an invitation');
    await close();
  });
}
