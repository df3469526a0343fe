// The real program for the browser: `zhitong dev` on free ports with a data directory of its own, and hands to call its API, its simulator's desk and its
// database with.
import {execFile, spawn} from 'node:child_process';
import {chmod, mkdtemp, open, readFile, readdir, rm} from 'node:fs/promises';
import {randomUUID} from 'node:crypto';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as after} from 'node:timers/promises';
import {promisify} from 'node:util';

export const root = path.resolve(import.meta.dirname, '../..');
const readyWithin = 180_000, stopWithin = 30_000, settleWithin = 60_000;

async function freePort() {
  const server = createServer();
  await new Promise((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const {port} = server.address();
  await new Promise(done => server.close(done));
  return port;
}

// uuid is the identifier as Postgres has it: ord_… without its prefix.
export function uuid(id) {
  const digits = [...id.split('_')[1]].reduce((n, c) => n * 32n + BigInt('0123456789abcdefghjkmnpqrstvwxyz'.indexOf(c)), 0n).toString(16).padStart(32, '0');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

// until asks again and again, until the answer is true (and returns it).
export async function until(what, ask, within = settleWithin) {
  const end = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${within / 1000} s`);
    await after(100);
  }
}

export class Program {
  static async start(binary = path.join(root, 'bin/zhitong')) {
    const program = new Program();
    program.dir = await mkdtemp(path.join(tmpdir(), 'zhitong-browser-'));
    await chmod(program.dir, 0o755); // Postgres runs as somebody else
    program.state = path.join(program.dir, 'state');
    program.log = path.join(program.dir, 'log');
    const log = await open(program.log, 'w');
    const [port, simulatorPort] = [await freePort(), await freePort()];
    program.child = spawn(binary, ['dev', '--state-dir', program.state, '--port', port, '--simulator-port', simulatorPort], {stdio: ['ignore', log.fd, log.fd]});
    program.ended = new Promise((done, fail) => program.child.once('exit', done).once('error', fail));
    program.ended.catch(() => {});
    program.lastWish = () => program.child.kill('SIGKILL');
    process.once('exit', program.lastWish);
    await log.close();
    try {
      await until('the program is ready', async () => {
        if (program.child.exitCode !== null) throw new Error('zhitong dev ended by itself');
        return /^ready/m.test(await readFile(program.log, 'utf8'));
      }, readyWithin);
    } catch (e) {
      console.error(await readFile(program.log, 'utf8'));
      await program.stop();
      throw e;
    }
    const info = JSON.parse(await readFile(path.join(program.state, 'dev.json'), 'utf8'));
    program.info = info;
    program.api = new Api(info.api_url, info.api_key);
    program.simulator = info.simulator_url;
    return program;
  }

  // desk plays Alipay's staff.
  async desk(method, where, body) {
    const answer = await fetch(this.simulator + '/desk/api' + where, {method, headers: {'Content-Type': 'application/json'}, body: method === 'GET' ? undefined : JSON.stringify(body ?? {})});
    const text = await answer.text();
    if (!answer.ok) throw new Error(`desk ${method} ${where}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  // sql makes by force the few states that last only a moment in life. It is the superuser of this one throw-away database.
  async sql(statement) {
    const {postgres_port: port} = JSON.parse(await readFile(path.join(this.state, 'state.json'), 'utf8'));
    const passwords = JSON.parse(await readFile(path.join(this.state, 'postgres/passwords.json'), 'utf8'));
    const versions = await readdir('/usr/lib/postgresql').catch(() => []);
    const psql = versions.length ? `/usr/lib/postgresql/${versions.sort((a, b) => b - a)[0]}/bin/psql` : 'psql';
    const {stdout} = await promisify(execFile)(psql, ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', port, '-U', 'postgres', '-d', 'zhitong', '-c', statement],
      {env: {...process.env, PGPASSWORD: passwords.postgres}});
    return stdout.trim();
  }

  // stop ends it as Ctrl-C does, and removes what it kept.
  async stop() {
    this.child.kill('SIGINT');
    const late = setTimeout(() => this.child.kill('SIGKILL'), stopWithin);
    await this.ended.catch(() => {});
    clearTimeout(late);
    process.off('exit', this.lastWish);
    await rm(this.dir, {recursive: true, force: true});
  }
}

// Api is one tenant's hand on the public API.
export class Api {
  constructor(url, key) { Object.assign(this, {url, key}); }

  async send(method, where, body, headers = {}) {
    const raw = body instanceof Uint8Array;
    const answer = await fetch(this.url + where, {
      method, body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
      headers: {...(this.key && {Authorization: 'Bearer ' + this.key}), ...(body !== undefined && {'Content-Type': raw ? 'image/png' : 'application/json'}), ...headers},
    });
    const text = await answer.text();
    return {status: answer.status, body: text ? JSON.parse(text) : null};
  }

  async call(...request) {
    const {status, body} = await this.send(...request);
    if (status >= 300) throw new Error(`${request[0]} ${request[1]}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  get(where) { return this.call('GET', where); }
  post(where, body) { return this.call('POST', where, body); }
  order(items, more = {}) { return this.call('POST', '/v1/orders', {items, ...more}, {'Idempotency-Key': randomUUID()}); }
  becomes(order, status) { return until(`order ${order.id} becomes ${status}`, async () => { const o = await this.get('/v1/orders/' + order.id); return o.status === status && o; }); }
}

// pay is what the buyer's phone does; the cashier's page is driven by the tests of the cashier.
export async function pay(order) {
  const answer = await fetch(order.payment.pay_url, {method: 'POST', body: new URLSearchParams({action: 'pay', password: '111111'}), redirect: 'manual'});
  if (answer.status >= 400) throw new Error(`pay: ${answer.status} ${await answer.text()}`);
}
