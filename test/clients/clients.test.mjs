// What a stranger's tools make of the contract that the program serves: linters find nothing, generators make clients
// that compile, and each client goes from sign-up to refund. What is made for Alipay walks through the simulator.
// `make test/clients` runs it.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import path from 'node:path';
import {after, before, describe, it} from 'node:test';
import {Program} from '../../web/browser/program.mjs';

const here = import.meta.dirname, ts = path.join(here, 'ts'), go = path.join(here, 'go');
const contract = path.join(here, 'generated/openapi.yaml');
const unknown = 'of_a_later_version';
let program, later;

before(async () => {
  program = await Program.start(process.env.ZHITONG_BINARY);
  later = await laterVersion(program.info.api_url);
  const served = await fetch(program.info.api_url + '/openapi.yaml');
  assert.equal(served.status, 200);
  await mkdir(path.dirname(contract), {recursive: true});
  await writeFile(contract, await served.text());
});
after(async () => {
  later?.close();
  later?.closeAllConnections();
  await program?.stop();
});

describe('linters', () => {
  const environment = {REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true'};
  it('redocly: recommended', async () => {
    const args = ['redocly', 'lint', '--config=redocly.yaml', '--format=json', contract];
    const report = await run(ts, 'npx', args, environment);
    const {totals} = JSON.parse(report.slice(report.indexOf('{')));
    assert.deepEqual([totals.errors, totals.warnings], [0, 0], report);
  });
  it('spectral:oas', () =>
    run(ts, 'npx', ['spectral', 'lint', '--ruleset=spectral.yaml', '--fail-severity=warn', contract]));
});

describe('TypeScript', () => {
  it('generates, and compiles with --strict', async () => {
    await run(ts, 'node', ['generate.mjs', contract]);
    await run(ts, 'npx', ['tsc', '--project', '.']);
  });
  for (const client of ['openapi-fetch', 'hey-api']) {
    it(`${client}: from sign-up to refund`, () => walk(ts, 'node', [`out/src/${client}.js`]));
  }
});

describe('Go', () => {
  it('oapi-codegen: from sign-up to refund', async () => {
    await mkdir(path.join(go, 'generated/oapicodegen'), {recursive: true});
    await run(go, 'go', ['tool', 'oapi-codegen', '-config', 'oapi-codegen.yaml', contract]);
    await walk(go, 'go', ['run', './oapicodegen']);
  });
  it('ogen: from sign-up to refund', async () => {
    const into = ['-target', 'generated/ogen', '-package', 'ogen', '-clean'];
    await run(go, 'go', ['tool', 'ogen', ...into, '-config', 'ogen.yaml', contract]);
    await walk(go, 'go', ['run', './ogen']);
  });
  it('vet', () => run(go, 'go', ['vet', './sandbox', './oapicodegen', './ogen', './smartwalle']));
});

let compiled;
const compile = () => compiled ??= run(ts, 'npx', ['tsc', '--project', '.']);

// What people point at Alipay, pointed at the simulator, in the zone that most servers have, and in Alipay's own: most
// clients write local time.
for (const TZ of ['UTC', 'Asia/Shanghai']) describe(`Clients of Alipay, in ${TZ}`, () => {
  const zone = {TZ};
  it('alipay-sdk, the official one for Node', async () => {
    await compile();
    await walk(ts, 'node', ['out/src/alipay-sdk.js'], zone);
  });
  it('smartwalle/alipay', () => walk(go, 'go', ['run', './smartwalle'], zone));
});

// run is the output of a program that must succeed.
async function run(cwd, command, args, environment = {}) {
  const child = spawn(command, args, {cwd, env: {...process.env, ...environment}, stdio: ['ignore', 'pipe', 'pipe']});
  const told = {stdout: '', stderr: ''};
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', text => { told[stream] += text; });
  }
  const code = await new Promise((done, fail) => child.once('close', done).once('error', fail));
  assert.equal(code, 0, `${command} ${args.join(' ')}\n${told.stdout}${told.stderr}`);
  return told.stdout;
}

const walk = (cwd, command, args, more = {}) => run(cwd, command, args, {
  API: program.info.api_url, SIMULATOR: program.simulator, UNKNOWN: unknown,
  LATER: `http://127.0.0.1:${later.address().port}`, ...more,
});

// laterVersion stands before the API as if it were years newer: every value that is one of a list is another one, and
// every object has a field more. Metadata has none: its fields are the integrator's, and strings for good.
async function laterVersion(api) {
  const lists = new Set(['status', 'type', 'kind', 'subject_type', 'channel', 'receiver', 'purpose', 'stage', 'mode']);
  const change = value => {
    if (Array.isArray(value)) return value.map(change);
    if (value === null || typeof value !== 'object') return value;
    const fields = Object.entries(value).map(([name, of]) =>
      [name, lists.has(name) && typeof of === 'string' ? unknown : name === 'metadata' ? of : change(of)]);
    return {...Object.fromEntries(fields), [unknown]: {[unknown]: true}};
  };
  const server = createServer(async (request, response) => {
    const answer = await fetch(api + request.url, {headers: {Authorization: request.headers.authorization}});
    const body = JSON.stringify(change(await answer.json()));
    response.writeHead(answer.status, {'Content-Type': answer.headers.get('Content-Type')}).end(body);
  });
  await new Promise((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  return server;
}
