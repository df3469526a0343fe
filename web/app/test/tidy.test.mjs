// The rules of the console and the portal that a machine can hold.
import assert from 'node:assert/strict';
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import ts from 'typescript';

const app = path.resolve(import.meta.dirname, '..');
const files = readdirSync(app, {recursive: true}).filter(f => /\.(tsx?|css)$/.test(f) && !f.startsWith('test/') && f !== 'api/schema.d.ts').map(f => f.replaceAll('\\', '/')).toSorted();
const read = f => readFileSync(path.join(app, f), 'utf8');
const tree = f => ts.createSourceFile(f, read(f), ts.ScriptTarget.Latest, true, f.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
const scripts = files.filter(f => !f.endsWith('.css') && f !== 'vite.config.ts');
const at = (f, node) => `${f}:${node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
const walk = (node, see) => { see(node); ts.forEachChild(node, n => walk(n, see)); };

// rules are faults of one file each, so that the controls can call them with a file that is wrong.
export const rules = {
  han: source => [...withoutComments(source).matchAll(/[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]/g)].map(m => m[0]),
  english: (f, source) => {
    const found = [];
    walk(ts.createSourceFile(f, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX), n => {
      if (ts.isJsxText(n) && /\p{L}{2}/u.test(n.text)) found.push(n.text.trim());
      if (ts.isJsxAttribute(n) && ['label', 'title', 'lead', 'todo', 'help', 'alt', 'placeholder', 'aria-label', 'header'].includes(n.name.getText()) && n.initializer && ts.isStringLiteral(n.initializer) && /\p{L}{2}/u.test(n.initializer.text)) found.push(n.initializer.text);
    });
    return found;
  },
  // An edit of a thing that has an ETag names the state that was seen: whoever comes second is told, and overwrites nothing.
  blind: (f, source, conditional) => {
    const found = [];
    walk(ts.createSourceFile(f, source, ts.ScriptTarget.Latest, true), n => {
      if (!ts.isCallExpression(n) || !ts.isPropertyAccessExpression(n.expression) || !n.arguments[0] || !ts.isStringLiteral(n.arguments[0])) return;
      const call = `${n.expression.name.text} ${n.arguments[0].text}`;
      if (conditional.has(call) && !/\bunchanged\(/.test(n.getText())) found.push(`${call} is sent without If-Match: give it the thing as it was seen, by unchanged()`);
    });
    return found;
  },
  style: source => [...withoutComments(source).matchAll(/\bstyle=|dangerouslySetInnerHTML|\.innerHTML\b|\.style\b/g)].map(m => m[0]),
  css: source => source.split('\n').flatMap((line, n) => {
    const bare = line.replace(/var\([^)]*\)/g, '').replace(/\/\*.*?\*\//g, '');
    const wrong = [];
    if (/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(/i.test(bare)) wrong.push('a colour');
    if (/(font-size|border-radius|padding[a-z-]*|margin[a-z-]*|(?:^|[ ;{])gap):[^;]*\d(px|rem|em)/.test(bare)) wrong.push('a size');
    return wrong.map(w => `${n + 1}: ${w} that is no token: ${line.trim()}`);
  }),
};

// conditional are the calls of the contract that take If-Match.
function conditionalCalls() {
  const found = new Set();
  let where = '', method = '';
  for (const line of readFileSync(path.join(app, '../../openapi.yaml'), 'utf8').split('\n')) {
    where = /^ {2}(\/\S+):$/.exec(line)?.[1] ?? where;
    method = /^ {4}(get|put|post|patch|delete):$/.exec(line)?.[1].toUpperCase() ?? method;
    if (line.includes("'#/components/parameters/IfMatch'")) found.add(`${method} ${where}`);
  }
  return found;
}

// withoutComments leaves the lines where they are.
function withoutComments(source) {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}()])\/\/[^\n]*/g, '$1');
}

// areas say what may import what: i18n, prefs and the types of api are for everybody but ui. The two applications never know each other.
const apps = ['console', 'portal'], shared = ['domain', 'ui', 'api', 'i18n'];
const may = {
  'ui': ['ui'], 'i18n': ['i18n', 'api'], 'api': ['api', 'i18n'], 'domain': [...shared, 'prefs.ts'], 'prefs.ts': [],
  ...Object.fromEntries(apps.flatMap(app => [[`${app}/frame`, [`${app}/frame`, ...shared, 'prefs.ts']], [`${app}/pages`, [`${app}/pages`, ...shared]], [app, [app, `${app}/frame`, `${app}/pages`, ...shared, 'prefs.ts']]])),
};
const areaOf = f => /^(console|portal)\/(frame|pages)\//.exec(f)?.[0].slice(0, -1) ?? f.split('/')[0];
const isPage = f => /^(console|portal)\/pages\//.test(f), mayImport = (f, target) => may[areaOf(f)].includes(areaOf(target));

export const imports = (f, source) => [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(m => m[1]);

test('imports go one way', () => {
  const wrong = [];
  for (const f of scripts) {
    for (const to of imports(f, read(f))) {
      if (to.startsWith('@base-ui/') && !f.startsWith('ui/')) wrong.push(`${f}: only ui/ knows ${to}`);
      if (to === 'openapi-fetch' && f !== 'api/client.ts') wrong.push(`${f}: only api/client.ts knows ${to}`);
      if (!to.startsWith('.')) continue;
      const target = path.posix.normalize(path.posix.join(path.posix.dirname(f), to));
      if (target.startsWith('../')) { if (!target.endsWith('tokens.css')) wrong.push(`${f}: ${to} is not of the application`); continue; }
      if (!existsSync(path.join(app, target))) wrong.push(`${f}: ${to} is not there`);
      if (!mayImport(f, target)) wrong.push(`${f} may not import ${target}`);
      if (isPage(f) && target.endsWith('.css')) wrong.push(`${f}: pages have no style of their own`);
      if (isPage(f) && /api\/(client|gate)\.ts$/.test(target) && !/import type/.test(lineOf(read(f), to))) wrong.push(`${f}: pages use factories, not ${target}`);
      if (isPage(f) && isPage(target) && f.split('/')[2] !== target.split('/')[2]) wrong.push(`${f}: pages of different matters do not know each other: ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

const lineOf = (source, what) => source.split('\n').find(l => l.includes(`'${what}'`)) ?? '';

test('texts stand in i18n/ alone', () => {
  const wrong = scripts.filter(f => !f.startsWith('i18n/')).flatMap(f => [...rules.han(read(f)).filter(c => !'、￥'.includes(c)).map(c => `${f}: ${c}`), ...(f.endsWith('.tsx') ? rules.english(f, read(f)).map(t => `${f}: ${t}`) : [])]);
  assert.deepEqual(wrong, []);
});

test('nothing is styled or made markup in line', () => assert.deepEqual(scripts.flatMap(f => rules.style(read(f)).map(w => `${f}: ${w}`)), []));

test('colours and sizes are tokens, and every style sheet says the order of layers', () => {
  const sheets = files.filter(f => f.endsWith('.css'));
  assert.deepEqual(sheets.flatMap(f => rules.css(read(f)).map(w => `${f}:${w}`)), []);
  assert.deepEqual(sheets.filter(f => !read(f).startsWith('@layer reset, tokens, base, ui, page;\n')), []);
  assert.deepEqual(sheets.filter(f => !f.startsWith('ui/') && !/^(console|portal)\/frame\//.test(f)), [], 'only ui/ and frame/ have style');
});

test('requests are sent in api/ alone, and taste is kept in prefs.ts', () => {
  const wrong = [];
  for (const f of scripts) {
    const source = withoutComments(read(f));
    if (!f.startsWith('api/') && /\bfetch\(|new (XMLHttpRequest|EventSource|WebSocket)\(/.test(source)) wrong.push(f + ': fetch');
    if (f !== 'prefs.ts' && /localStorage/.test(source)) wrong.push(f + ': localStorage');
  }
  assert.deepEqual(wrong, []);
});

test('every edit says which state it is made to', () => {
  const conditional = conditionalCalls();
  assert.ok(conditional.size > 10, 'the contract has no such operations: this shows nothing');
  assert.deepEqual(scripts.flatMap(f => rules.blind(f, read(f), conditional).map(w => `${f}: ${w}`)), []);
});

test('no barrels, no long pages', () => {
  assert.deepEqual(scripts.filter(f => /(^|\/)index\.tsx?$/.test(f)), []);
  const max = 250;
  assert.deepEqual(scripts.filter(f => isPage(f) && read(f).split('\n').length > max), []);
});

test('every text is used', () => {
  const users = scripts.filter(f => !f.startsWith('i18n/')).map(read).join('\n'), wrong = [];
  for (const f of scripts.filter(f => f.startsWith('i18n/') && !['i18n/texts.ts', 'i18n/status.ts'].includes(f))) {
    walk(tree(f), n => {
      if (!ts.isVariableDeclaration(n) || n.name.getText() !== 'zh' || !n.initializer || !ts.isObjectLiteralExpression(n.initializer)) return;
      for (const p of n.initializer.properties) {
        const key = p.name.getText();
        // A text is named after its object, or by a value of the same name: t.orders, text: 'orders', t[m.mode].
        if (!new RegExp(`\\.${key}\\b|['"]${key}['"]`).test(users) && !['live', 'sandbox', 'minutes', 'hours', 'days', 'qr', 'page', 'done', 'open', 'failed'].includes(key)) wrong.push(`${at(f, p)}: ${key}`);
      }
    });
  }
  assert.deepEqual(wrong, []);
});

test('every code that the applications act on is one of the contract’s', () => {
  const known = readFileSync(path.join(app, '../../docs/errors.md'), 'utf8');
  const own = new Set(['broken', 'unreachable', 'unreadable']);
  const used = scripts.flatMap(f => [...read(f).matchAll(/(?:problem|p|asProblem\([^)]*\))\.code === '([a-z_]+)'/g)].map(m => m[1]));
  assert.ok(used.length > 2, 'no code was found: this shows nothing');
  assert.deepEqual(used.filter(c => !own.has(c) && !known.includes('`' + c + '`')), []);
});

test('the rules see what they are to see', () => {
  for (const [f, target, wanted] of [['console/pages/orders/OrderPage.tsx', 'portal/pages/orders/OrderPage.tsx', false], ['portal/pages/orders/OrderPage.tsx', 'console/pages/orders/OrderPage.tsx', false], ['portal/routes.tsx', 'console/frame/Frame.tsx', false],
    ['domain/Task.tsx', 'portal/frame/Tabs.tsx', false], ['portal/pages/me/MePage.tsx', 'domain/Task.tsx', true], ['portal/routes.tsx', 'portal/frame/Frame.tsx', true]]) assert.equal(mayImport(f, target), wanted, `${f} imports ${target}`);
  assert.deepEqual(rules.han('const a = 1; // 说明\nconst b = "退款";'), ['退', '款']);
  assert.deepEqual(rules.english('a.tsx', 'const a = <p title="Close it">Refund <b>{x}</b></p>;'), ['Close it', 'Refund']);
  assert.equal(rules.style('<div style={{top: 1}} dangerouslySetInnerHTML={x} />').length, 2);
  const edit = header => `client(t).PATCH('/v1/products/{product_id}', {params: {path: {product_id}${header}}, body})`;
  assert.deepEqual(['', ', header: unchanged(p)'].map(header => rules.blind('a.ts', edit(header), new Set(['PATCH /v1/products/{product_id}'])).length), [1, 0]);
  assert.equal(rules.css('.a { color: #fff; padding: 3px; width: 40px; }').length, 2);
});
