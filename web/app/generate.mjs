// Makes the types of the API, and the names of its operations, out of the contract. They are made by each build and not kept: the contract lies in the same tree.
import {readFile, writeFile} from 'node:fs/promises';
import openapiTS, {astToString} from 'openapi-typescript';

const here = import.meta.dirname, contract = new URL('../../openapi.yaml', import.meta.url);

async function keep(target, made) {
  if (await readFile(target, 'utf8').catch(() => '') !== made) await writeFile(target, made);
}

// operationsOf reads what people call each operation, of which part it is, and whether it only reads.
export function operationsOf(text) {
  const found = [], plain = t => t.replace(/^'(.*)'$/, '$1').replaceAll("''", "'");
  let now;
  for (const line of text.split('\n')) {
    const method = /^ {4}(get|put|post|patch|delete):$/.exec(line), said = /^ {6}(operationId|tags|summary|x-summary-zh|x-reads): (.+)$/.exec(line);
    if (method) found.push(now = {reads: method[1] === 'get'});
    if (!said || now === undefined) continue;
    if (said[1] === 'operationId') now.id = said[2];
    if (said[1] === 'tags') now.tag = said[2].replace(/[[\]]/g, '').split(',')[0];
    if (said[1] === 'summary') now.en = plain(said[2]);
    if (said[1] === 'x-summary-zh') now.zh = plain(said[2]);
    if (said[1] === 'x-reads') now.reads = true;
  }
  const lacking = found.filter(o => !o.id || !o.tag || !o.en || !o.zh);
  if (found.length === 0 || lacking.length > 0) throw new Error('operations without a name: ' + JSON.stringify(lacking));
  return found;
}

export async function generate() {
  const text = await readFile(contract, 'utf8'), nodes = await openapiTS(contract, {silent: true});
  await keep(here + '/api/schema.d.ts', '// Made from openapi.yaml by generate.mjs.\n' + astToString(nodes));
  const rows = operationsOf(text).map(o => `  ${JSON.stringify([o.id, o.tag, o.reads, o.zh, o.en])},`);
  await keep(here + '/i18n/operations.ts', `// Made from openapi.yaml by generate.mjs: identifier, part, whether it only reads, and its name in both languages.\nexport const operations: readonly (readonly [id: string, tag: string, reads: boolean, zh: string, en: string])[] = [\n${rows.join('\n')}\n];\n`);
}

if (process.argv[1] === import.meta.filename) await generate();
