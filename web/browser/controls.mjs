// The tests' own eyes, tested: what they look for is seen when it is there.
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {test} from 'node:test';
import {overflow, quiet, small, visitor} from './browser.mjs';
import {axe} from './pages.mjs';

export default function controls({browser}) {
  test('a page with every fault is caught at each of them', async () => {
    const server = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html; charset=utf-8').end(`<!doctype html><html lang="en"><title>control</title>
      <main><h1>Control</h1><p style="width: 400px; background: #fff; color: #bbb">Pale and wide.</p><button style="height: 30px">Small</button><img src="http://localhost:1/elsewhere.png"></main>
      <script>missing()</script>`));
    await new Promise(done => server.listen(0, '127.0.0.1', done));
    const origin = 'http://127.0.0.1:' + server.address().port;
    const {page, seen, close} = await visitor(browser);
    try {
      await page.goto(origin);
      assert.match(await overflow(page), /^\d+ px: P/);
      assert.deepEqual((await small(page)).map(s => s.split('.')[0]), ['BUTTON']);
      const faults = (await axe(page)).map(f => f.split(' ')[0]);
      assert.ok(faults.includes('color-contrast') && faults.includes('image-alt'), faults.join());
      assert.throws(() => quiet(seen, [origin], 'control'), /asks others/);
      assert.throws(() => quiet({...seen, requests: []}, [origin], 'control'), /complains/);
    } finally {
      server.close();
      await close();
    }
  });
}
