// Somebody who works for a platform: invited, with a password and an authenticator app, and signed in.
import {createHmac} from 'node:crypto';
import {visitor} from './browser.mjs';
import {until} from './program.mjs';

const stepSeconds = 30, digits = 6;
export const password = '一句很长的话 7qk';

// codeOf is the code that an authenticator app shows so many steps from now (RFC 6238, SHA-1, six digits).
export function codeOf(key, stepsFromNow) {
  const bits = [...key.replaceAll(' ', '')].map(c => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map(b => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / stepSeconds) + stepsFromNow));
  const sum = createHmac('sha1', secret).update(counter).digest(), at = sum.at(-1) & 15;
  return String((sum.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

// mailed is the path of the newest link to somebody whose address begins so.
export const mailed = (program, to, begins) => until(`a mail to ${to} with ${begins}`, async () => {
  const {mails} = await program.desk('GET', '/mails?to=' + encodeURIComponent(to));
  return mails.map(m => m.text.match(new RegExp(`https?://[^/\\s]+(${begins}\\S+)`))?.[1]).find(Boolean);
});

// joined is somebody in a browser of their own who has just become a member, of a merchant if one is named, with recovery codes that are left.
export async function joined(world, api, email, role, options, merchant) {
  const home = new URL(world.program.info.sign_in_url).origin;
  await api.call('POST', '/v1/invitations', {email, role, ...(merchant && {merchant_id: merchant})}, {'Idempotency-Key': 'joined-' + email});
  const me = await visitor(world.browser, options), {page} = me;
  await page.goto(home + await mailed(world.program, email, '/sign-in/invitation/'));
  await page.fill('#password', password);
  await page.locator('form:has(#password) button.button').click();
  await page.waitForURL('**/app');
  const key = await page.locator('#key').innerText();
  await page.fill('#code', codeOf(key, 0)); // the steps before and after now are taken, too: each once, in order
  await page.locator('main form button.button:visible').first().click();
  await page.locator('.codes').waitFor();
  const codes = await page.locator('.codes code').allInnerTexts();
  return {...me, home, email, key, codes};
}
