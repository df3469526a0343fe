// Makes the types of the API out of the contract. They are made by each build and not kept: the contract lies in the same tree.
import {readFile, writeFile} from 'node:fs/promises';
import openapiTS, {astToString} from 'openapi-typescript';

const here = import.meta.dirname, contract = new URL('../../openapi.yaml', import.meta.url), target = here + '/api/schema.d.ts';

export async function generate() {
  const nodes = await openapiTS(contract, {silent: true});
  const made = '// Made from openapi.yaml by generate.mjs.\n' + astToString(nodes);
  if (await readFile(target, 'utf8').catch(() => '') !== made) await writeFile(target, made);
}

if (process.argv[1] === import.meta.filename) await generate();
