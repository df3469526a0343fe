// Puts what the binary embeds into dist/: the API reference, one ready-made file of Scalar, the console and the portal. What compresses is kept compressed, as browsers get it.
import {execFileSync} from 'node:child_process';
import {mkdir, readFile, readdir, rename, rm, writeFile} from 'node:fs/promises';
import {gzipSync, constants} from 'node:zlib';
import {generate} from './app/generate.mjs';

const pack = body => gzipSync(body, {level: constants.Z_BEST_COMPRESSION});
const run = (tool, args, env = {}) => execFileSync('node_modules/.bin/' + tool, args, {stdio: 'inherit', env: {...process.env, ...env}});

const source = 'node_modules/@scalar/api-reference/dist/browser/standalone.js';
const text = (await readFile(source, 'utf8')).replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
await mkdir('dist/reference', {recursive: true});
await writeFile('dist/reference/scalar.js.gz', pack(text));

await generate();
run('tsc', ['-p', 'app']);
run('tsc', ['-p', 'app/portal']);
run('oxlint', ['-c', 'app/.oxlintrc.json', '--deny-warnings', 'app']);

for (const app of ['console', 'portal']) {
  run('vite', ['build', '--config', 'app/vite.config.ts', '--logLevel', 'warn'], {ZHITONG_APP: app});
  const assets = `dist/app/${app}/assets`;
  const sizes = {};
  for (const name of await readdir(assets)) {
    const packed = pack(await readFile(`${assets}/${name}`));
    await writeFile(`${assets}/${name}.gz`, packed);
    await rm(`${assets}/${name}`);
    sizes[name] = packed.length;
  }
  // What the test of the budgets reads; the binary does not need it.
  const built = `dist/app/${app}/manifest.json`;
  await writeFile(built, JSON.stringify({manifest: JSON.parse(await readFile(built, 'utf8')), sizes}, null, 1));
  await rename(built, `dist/${app}.manifest.json`);
}
