// Every sample of docs/simulator.md runs as it stands on the page, by key and by certificates, in the zone that most
// servers have and in Alipay's. `make test/clients` runs it; it needs php, a JDK and Debian's python3-cryptography.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {generateKeyPairSync} from 'node:crypto';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, describe, it} from 'node:test';
import {root, until} from '../../web/browser/program.mjs';

const here = import.meta.dirname, ts = path.join(here, 'ts'), go = path.join(here, 'go');
const modes = ['key', 'certificates'];
let page, dir, simulator, address;

before(async () => {
  page = await readFile(path.join(root, 'docs/simulator.md'), 'utf8');
  dir = await mkdtemp(path.join(tmpdir(), 'zhitong-samples-'));
  const binary = process.env.ZHITONG_BINARY ?? path.join(root, 'bin/zhitong');
  simulator = spawn(binary, ['simulator', '--dir', path.join(dir, 'state'), '--listen', '127.0.0.1:0'],
    {stdio: ['ignore', 'pipe', 'inherit']});
  let log = '';
  simulator.stdout.setEncoding('utf8').on('data', text => { log += text; });
  const failed = new Promise((_, fail) => simulator.once('error', fail));
  address = await Promise.race([failed, until('the simulator is ready', () => {
    assert.equal(simulator.exitCode, null, log);
    return log.match(/^ready: gateway (http:\/\/[^/]*)\//m)?.[1];
  })]);
  for (const mode of modes) for (const zone of ['local', 'beijing']) await shop(mode, zone);
});
after(async () => {
  if (simulator?.exitCode === null) {
    const ended = new Promise(done => simulator.once('close', done));
    simulator.kill();
    await ended;
  }
  if (dir) await rm(dir, {recursive: true});
});

// shop leaves in a folder what the page leaves there: an app's answer, its key, and an order that is paid. The app of
// those that write Beijing time in every zone is held to it.
async function shop(mode, zone) {
  const folder = path.join(dir, mode + '-' + zone);
  await mkdir(folder);
  const key = generateKeyPairSync('rsa', {modulusLength: 2048});
  const app = await desk('/apps', {name: mode, products: ['face_to_face'], certificate_mode: mode === 'certificates',
    settings: {timestamp_window_minutes: zone === 'beijing' ? 15 : 0},
    public_key: key.publicKey.export({type: 'spki', format: 'pem'})});
  assert.equal(Boolean(app.app_certificate), mode === 'certificates');
  await writeFile(path.join(folder, 'app.json'), JSON.stringify(app));
  await writeFile(path.join(folder, 'app.pem'), key.privateKey.export({type: 'pkcs8', format: 'pem'}));
  await desk('/trades', {app_id: app.app_id, out_trade_no: 'demo1', total_fen: 8880, subject: '点卡'});
  await desk(`/trades/demo1/pay?app_id=${app.app_id}`, {});
}

async function desk(where, body) {
  const answer = await fetch(address + '/desk/api' + where,
    {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
  assert.ok(answer.ok, `${where}: ${answer.status}`);
  return answer.json();
}

// sample is the page's block of a language that has the word.
function sample(language, word) {
  const found = [...page.matchAll(new RegExp('```' + language + '\\n([^]*?)```', 'g'))].map(m => m[1]);
  const wanted = found.filter(text => text.includes(word));
  assert.equal(wanted.length, 1, `samples in ${language} with ${word}`);
  return wanted[0];
}

// Those that write their machine's time; Alipay's is for the machine to be set to.
const local = ['alipay-sdk (Node)', 'smartwalle (Go)'];

// Each makes its sample ready and returns how it is started.
const samples = {
  'alipay-sdk (Node)': async () => {
    const file = path.join(ts, 'generated/sample.mjs'); // it imports by name, so it stands where the packages are
    await mkdir(path.dirname(file), {recursive: true});
    await writeFile(file, sample('js', 'alipay-sdk'));
    return ['node', file];
  },
  'smartwalle (Go)': () => goSample('smartwalle'),
  'gopay (Go)': () => goSample('gopay'),
  'PHP': async () => {
    await writeFile(path.join(dir, 'query.php'), sample('php', 'openssl_sign'));
    return ['php', path.join(dir, 'query.php')];
  },
  'Java': async () => {
    await writeFile(path.join(dir, 'Query.java'), sample('java', 'class Query'));
    await run(dir, 'javac', ['-encoding', 'UTF-8', '-d', dir, 'Query.java']);
    return ['java', '-XX:TieredStopAtLevel=1', '-cp', dir, 'Query'];
  },
  'Python': async () => {
    await writeFile(path.join(dir, 'query.py'), sample('python', 'cryptography'));
    return ['/usr/bin/python3', path.join(dir, 'query.py')]; // Debian's, which has Debian's packages
  },
};

async function goSample(library) {
  const folder = path.join(go, 'generated/samples', library), binary = path.join(dir, library);
  await mkdir(folder, {recursive: true});
  await writeFile(path.join(folder, 'main.go'), sample('go', `"github.com/${{smartwalle: 'smartwalle/alipay/v3',
    gopay: 'go-pay/gopay'}[library]}"`));
  await run(go, 'go', ['build', '-o', binary, `./generated/samples/${library}`]);
  return [binary];
}

describe('the samples of docs/simulator.md', () => {
  for (const [name, make] of Object.entries(samples)) it(name, async () => {
    const [command, ...args] = await make();
    for (const TZ of ['UTC', 'Asia/Shanghai']) for (const mode of modes) {
      const folder = path.join(dir, mode + (local.includes(name) ? '-local' : '-beijing'));
      const told = await run(folder, command, args, {TZ});
      assert.equal(told, 'TRADE_SUCCESS\n', `${mode}, ${TZ}`);
    }
  });
  it('there is no sample that is not run', () => {
    const languages = [...page.matchAll(/^```(\w+)$/mg)].map(m => m[1]).filter(language => language !== 'sh');
    assert.equal(languages.length, Object.keys(samples).length, String(languages));
  });
});

// run is the output of a program that must succeed.
async function run(cwd, command, args, environment = {}) {
  const child = spawn(command, args, {cwd, stdio: ['ignore', 'pipe', 'pipe'],
    env: {...process.env, ALIPAY_GATEWAY: address + '/gateway.do', ...environment}});
  const told = {stdout: '', stderr: ''};
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', text => { told[stream] += text; });
  }
  const code = await new Promise((done, fail) => child.once('close', done).once('error', fail));
  assert.equal(code, 0, `${command} ${args.join(' ')}\n${told.stdout}${told.stderr}`);
  return told.stdout;
}
