// Generates the two TypeScript clients: node generate.mjs openapi.yaml. Both generators run as their documentation says.
import {writeFile} from 'node:fs/promises';
import {pathToFileURL} from 'node:url';
import {createClient} from '@hey-api/openapi-ts';
import openapiTS, {astToString} from 'openapi-typescript';
import ts from 'typescript';

const [contract] = process.argv.slice(2);
await createClient({
  input: contract,
  output: {path: 'generated/hey-api', importFileExtension: '.js'},
  logs: {level: 'warn', file: false},
});
// Binary bodies are Blobs: https://openapi-ts.dev/node. What has a default need not be sent: defaultNonNullable.
const blob = ts.factory.createTypeReferenceNode(ts.factory.createIdentifier('Blob'));
const tree = await openapiTS(pathToFileURL(contract), {
  defaultNonNullable: false, transform: schema => schema.format === 'binary' ? blob : undefined,
});
await writeFile('generated/openapi-typescript.ts', astToString(tree));
