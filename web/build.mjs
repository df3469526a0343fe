// Puts what the binary embeds into dist/. The API reference is one ready-made file of Scalar; it is kept compressed, as browsers get it.
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {gzipSync, constants} from 'node:zlib';

const source = 'node_modules/@scalar/api-reference/dist/browser/standalone.js';
const text = (await readFile(source, 'utf8')).replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
await mkdir('dist/reference', {recursive: true});
await writeFile('dist/reference/scalar.js.gz', gzipSync(text, {level: constants.Z_BEST_COMPRESSION}));
