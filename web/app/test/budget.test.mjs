// What a browser has to load, compressed: the first page, each other page, and the style. What is counted was built by `npm run build`.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';

const kB = 1000, firstMax = 150 * kB, routeMax = 180 * kB, ownMax = 40 * kB, styleMax = 15 * kB;
const name = file => file.replace('assets/', '');

// of measures one of the applications.
function of(app) {
  const {manifest, sizes} = JSON.parse(readFileSync(path.resolve(import.meta.dirname, `../../dist/${app}.manifest.json`), 'utf8'));
  // loaded are the files of an entry with all that it imports.
  const loaded = (key, seen = new Set()) => {
    if (seen.has(key)) return seen;
    seen.add(key);
    for (const other of manifest[key].imports ?? []) loaded(other, seen);
    return seen;
  };
  const scripts = keys => [...keys].map(k => sizes[name(manifest[k].file)] ?? 0).reduce((a, b) => a + b, 0);
  const styles = keys => [...new Set([...keys].flatMap(k => manifest[k].css ?? []))].map(f => sizes[name(f)] ?? 0).reduce((a, b) => a + b, 0);
  const entry = Object.keys(manifest).find(k => manifest[k].isEntry);
  const pages = Object.keys(manifest).filter(k => manifest[k].isDynamicEntry && k.startsWith('pages/'));
  return {loaded, scripts, styles, entry, pages};
}

for (const app of ['console', 'portal']) {
  test(`${app}: the first page, every other page and the style stay within their bounds`, t => {
    const {loaded, scripts, styles, entry, pages} = of(app), first = loaded(entry);
    assert.ok(pages.length >= 6, 'the pages are missing: this shows nothing');
    for (const page of pages) {
      const all = new Set([...first, ...loaded(page)]), own = scripts(all) - scripts(first), sum = scripts(all), style = styles(all);
      t.diagnostic(`${page}: ${(sum / kB).toFixed(1)} kB, its own ${(own / kB).toFixed(1)}, style ${(style / kB).toFixed(1)}`);
      assert.ok(sum <= routeMax, `${page} loads ${sum} bytes`);
      assert.ok(own <= ownMax, `${page} adds ${own} bytes of its own`);
      assert.ok(style <= styleMax, `${page} has ${style} bytes of style`);
    }
    const home = new Set([...first, ...loaded(pages.find(p => p.endsWith('HomePage.tsx')))]);
    t.diagnostic(`first page: ${(scripts(home) / kB).toFixed(1)} kB`);
    assert.ok(scripts(home) <= firstMax, `the first page loads ${scripts(home)} bytes`);
  });
}
