import assert from 'node:assert/strict';
import {test} from 'node:test';
import {again, asProblem, isRefusal, problemOf, ProblemError} from '../api/problem.ts';
import {messageOf} from '../api/stream.ts';
import {see, unchanged} from '../api/client.ts';
import {newsOf, typedInto} from '../domain/edit.ts';
import {looks} from '../domain/status.ts';
import {change, fenOf, percent, yuan} from '../domain/money.ts';
import {cursor, day, oneOf, parse, print, searching, text} from '../domain/filters.ts';
import {leftOut, masked, readKeys, type Seen} from '../domain/keyfile.ts';
import {faultAt, wordsOf} from '../domain/problems.ts';
import {ago, dayOf, isDay, moment, plusDays, startOf, whole} from '../domain/time.ts';
import {codes} from '../i18n/codes.ts';
import {statusWords} from '../i18n/status.ts';
import {goodsQuery} from '../portal/pages/goods/filters.ts';
import {pageQuery, splitQuery, viewOf} from '../portal/pages/money/filters.ts';
import {orderQuery} from '../portal/pages/orders/filters.ts';
import {added, bpsOf, changesBetween, partOf, typedOf} from '../console/pages/rules/parts.ts';
import {partiesOf} from '../console/pages/orders/parties.ts';
import {codeIn, remedies} from '../i18n/remedies.ts';
import {rules} from '../i18n/rules.ts';
import {path, widths} from '../ui/chart/scale.ts';

test('amounts are written by whole numbers', () => {
  for (const [fen, written] of [[0, '¥0.00'], [1, '¥0.01'], [-1200, '−¥12.00'], [123450, '¥1,234.50'], [9007199254740991, '¥90,071,992,547,409.91'], [-5, '−¥0.05']] as const) assert.equal(yuan(fen), written);
});

test('what is typed is an amount, or it is none', () => {
  for (const [typed, fen] of [['0', 0], ['12', 1200], ['12.3', 1230], ['12.30', 1230], ['¥1,234.50', 123450], [' 0.01 ', 1], ['12.345', undefined], ['1e3', undefined], ['-1', undefined], ['', undefined], ['.5', undefined], ['12.', undefined], ['abc', undefined]] as const) assert.equal(fenOf(typed), fen, typed);
});

test('property: an amount that was written is read again', () => {
  for (let n = 0; n < 2000; n++) {
    const fen = Math.floor(Math.random() * 10 ** (1 + n % 12));
    assert.equal(fenOf(yuan(fen)), fen);
  }
});

test('rates and changes', () => {
  assert.equal(percent(500), '5.00 %');
  assert.equal(percent(-60), '−0.60 %');
  assert.equal(change(110, 100), 1000);
  assert.equal(change(1, 0), undefined);
});

test('times are Beijing’s, and as short as they are clear', () => {
  const now = Date.parse('2026-11-28T16:30:00Z'); // half past midnight of the 29th
  for (const [at, shown] of [['2026-11-28T16:00:00Z', '00:00:00'], ['2026-11-28T15:59:59Z', '11-28 23:59:59'], ['2025-12-31T16:00:00Z', '01-01 00:00:00'], ['2025-12-31T15:59:59Z', '2025-12-31 23:59:59']] as const) assert.equal(moment(at, now), shown, at);
  assert.equal(whole('2026-02-28T16:00:00Z'), '2026-03-01 00:00:00');
  assert.equal(dayOf(now), '2026-11-29');
  assert.equal(startOf('2026-11-29'), '2026-11-28T16:00:00.000Z');
  assert.equal(plusDays('2028-02-28', 2), '2028-03-01');
  assert.deepEqual(ago('2026-11-28T15:48:00Z', now), {n: 42, unit: 'minutes'});
  assert.deepEqual(ago('2026-11-26T15:48:00Z', now), {n: 2, unit: 'days'});
  for (const [day, is] of [['2026-02-29', false], ['2028-02-29', true], ['2026-13-01', false], ['26-1-1', false], ['', false]] as const) assert.equal(isDay(day), is, day);
});

test('the lists of a merchant ask for what stands in the address, and for nothing that the API does not take', () => {
  assert.equal(viewOf({}), 'collected');
  assert.equal(viewOf({view: 'parts'}), 'parts');
  assert.equal(viewOf({view: 'others'}), 'collected');
  assert.deepEqual(pageQuery({view: 'refunds', cursor: 'abc', settlement_status: 'done'}), {limit: 30, cursor: 'abc'});
  assert.deepEqual(splitQuery({settlement_status: 'done,refused', view: 'collected'}), {limit: 30, settlement_status: ['done', 'refused']});
  assert.deepEqual(goodsQuery({status: 'archived', name: ' 月卡 '}), {limit: 30, status: 'archived', name: '月卡'});
  assert.deepEqual(orderQuery({from: '2026-11-28', to: '2026-11-29', buyer_contact: 'x'}), {limit: 30, include: ['count'], created_from: '2026-11-27T16:00:00.000Z', created_until: '2026-11-28T16:00:00.000Z'});
});

const kinds = {status: oneOf('a', 'b', 'c'), from: day, to: day, reference: text(64), cursor};

test('property: filters that were printed are parsed to the same, and a route accepts its own output', () => {
  const pick = <T>(of: readonly T[]) => of[Math.floor(Math.random() * of.length)] as T;
  for (let n = 0; n < 2000; n++) {
    const raw: Record<string, unknown> = {
      status: pick(['a', 'b,a', 'c,c', 'x', '', undefined, 7, 'a,x']), from: pick(['2026-01-01', '2026-02-30', '', undefined]), to: pick(['2026-12-31', 'now', undefined]),
      reference: pick(['XH-1', ' x ', '<script>', '0123', 'a,b&c=d', 'x'.repeat(65), '', undefined]), cursor: pick(['abc_-', 'a b', undefined]), other: 'x',
    };
    const values = parse(kinds, raw), printed = print(values as Record<string, string>);
    assert.deepEqual(parse(kinds, printed), values);
    assert.deepEqual(searching(kinds)(printed), printed);
    const inAddress = Object.fromEntries(new URLSearchParams(new URLSearchParams(printed).toString()));
    assert.deepEqual(parse(kinds, inAddress), values);
  }
});

test('every status has a look and a word in both languages', () => {
  for (const [of, by] of Object.entries(looks)) {
    for (const status of Object.keys(by)) for (const lang of ['zh', 'en'] as const) assert.ok((statusWords[lang] as Record<string, Record<string, string>>)[of]?.[status], `${lang} ${of} ${status}`);
  }
});

test('an answer that is no success becomes a problem', async () => {
  const told = await problemOf(new Response(JSON.stringify({code: 'order_not_found', title: '没有这个订单', detail: 'There is no such order.', errors: [{pointer: '/reason', code: 'too_long', detail: 'x'}]}), {status: 404, headers: {'Request-Id': 'req_1'}}));
  assert.deepEqual([told.code, told.status, told.requestId], ['order_not_found', 404, 'req_1']);
  assert.equal(faultAt(told, '/reason', codes.zh), '太长');
  assert.equal(faultAt(told, '/other', codes.zh), undefined);
  const proxy = await problemOf(new Response('<html>502</html>', {status: 502}));
  assert.equal(proxy.code, 'unreadable');
  assert.equal(asProblem(new TypeError('x is undefined')).code, 'broken');
});

test('the table of errors: what to do, and what is sent again by itself', () => {
  const of = (status: number, code = 'x', retryAfter?: number) => new ProblemError({status, code, retryAfter});
  for (const lang of ['zh', 'en'] as const) for (const p of [of(403), of(404), of(409), of(429), of(503), of(500), of(0, 'unreachable'), of(502, 'unreadable'), of(0, 'broken')]) assert.ok(wordsOf(p, codes[lang]).todo, `${lang} ${p.status} ${p.code}`);
  assert.equal(again(0, of(503, 'alipay_unavailable', 2)), 2000);
  assert.equal(again(0, of(0, 'unreachable')), 1000);
  assert.equal(again(3, of(503)), false);
  assert.equal(again(0, of(409)), false);
  assert.deepEqual([of(409), of(422), of(429), of(500), of(0, 'unreachable')].map(isRefusal), [true, true, false, false, false]);
});

test('messages of the stream', () => {
  assert.deepEqual(messageOf('id: evt_1\nevent: event\ndata: {"a":1}'), {id: 'evt_1', event: 'event', data: '{"a":1}'});
  assert.deepEqual(messageOf(': still here'), {id: '', event: 'message', data: ''});
});

test('a line has gaps where nothing is known', () => {
  assert.equal(path([0, 10, undefined, 5], 30, 12, 10), 'M0 12L10 2M30 7');
  assert.equal(path([], 30, 12, 10), '');
});

const readAll = async (of: BlobPart[]) => {
  const told: Seen[] = [], read = await readKeys(new Blob(of), s => told.push(s), new AbortController().signal);
  return {...read, told};
};

test('a file of card keys is counted as the server will take it', async () => {
  const {seen, digest} = await readAll(['\ufeffAAAA-0001\r\n\r\n BBBB-0002 \nAAAA-0001\n\t\nCCCC-0003']);
  assert.deepEqual([seen.lines, seen.blank, seen.repeated, seen.keys, seen.encoding], [6, 2, 1, 3, 'utf-8']);
  assert.deepEqual(seen.sample, ['····001', '····002', '····003']);
  assert.equal((await readAll(['AAAA-0001\n\nBBBB-0002\nAAAA-0001\n\nCCCC-0003\n'])).digest, digest, 'the same keys are the same act');
  assert.notEqual((await readAll(['AAAA-0001\n\nBBBB-0002\nAAAA-0001\n\nCCCC-0004\n'])).digest, digest);
});

test('a file that is not UTF-8 is sent as UTF-8', async () => {
  const gbk = Uint8Array.from([0xbf, 0xa8, 0xc3, 0xdc, 0x2d, 0x31, 0x0a, 0x41, 0x0a]); // 卡密-1, A
  const {seen, content} = await readAll([gbk]);
  assert.deepEqual([seen.encoding, seen.keys, await content.text()], ['gb18030', 2, '卡密-1\nA\n']);
  const wide = Uint8Array.from([0xff, 0xfe, 0x41, 0x00, 0x0a, 0x00, 0x42, 0x00]);
  const two = await readAll([wide]);
  assert.deepEqual([two.seen.encoding, two.seen.keys, await two.content.text()], ['utf-16le', 2, 'A\nB']);
  await assert.rejects(readAll([Uint8Array.from([0x41, 0xff, 0x00])]), TypeError);
});

test('property: keys that were cut into parts of a file are counted as the whole', async () => {
  for (let n = 0; n < 50; n++) {
    const keys = Array.from({length: 1 + n * 7}, (_, i) => `键-${i % (n + 3)}-${'x'.repeat(i % 11)}`), bytes = new TextEncoder().encode(keys.join(n % 2 === 0 ? '\n' : '\r\n')), parts: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < bytes.length; at += 1 + n) parts.push(bytes.slice(at, at + 1 + n));
    const {seen} = await readAll(parts);
    assert.deepEqual([seen.lines, seen.keys, seen.repeated, seen.bytes], [keys.length, new Set(keys).size, keys.length - new Set(keys).size, bytes.length]);
  }
});

test('a key is never shown by more than a third, and the list of what was left out is read', () => {
  for (const [key, shown] of [['', '····'], ['AB', '····'], ['ABC', '····C'], ['ABCDEF', '····EF'], ['ABCDEFGHIJKLMNOP', '····MNOP']] as const) assert.equal(masked(key), shown);
  assert.deepEqual(leftOut('line,code\r\n4,already_in_stock\r\n9,max_length\r\n12,format\r\n', 2), [{line: 4, code: 'already_in_stock'}, {line: 9, code: 'max_length'}]);
  assert.deepEqual(leftOut('line,code\r\n', 2), []);
});

test('a thing that can be edited is read with the name of its state, and an edit sends it', async () => {
  const answer = (tag: string | null) => Promise.resolve({data: {id: 'prd_1'}, response: new Response(null, {headers: tag === null ? {} : {ETag: tag}})});
  assert.deepEqual(await see(answer('"3"')), {id: 'prd_1', etag: '"3"'});
  assert.deepEqual(unchanged(await see(answer('W/"3"'))), {'If-Match': '"3"'}); // a proxy that compresses makes it weak
});

test('what is typed lies over the record: what others change comes in, what was typed stays', () => {
  const before = {name: 'A', price: '1.00'}, after = {name: 'B', price: '1.00'};
  let own: Partial<typeof before> = typedInto(before, {}, {price: '2.00'});
  assert.deepEqual(own, {price: '2.00'});
  assert.deepEqual(typedInto(before, own, {price: '1.00'}), {}, 'what is typed back is no change');
  assert.deepEqual(newsOf(before, after), [{name: 'name', value: 'B'}]);
  own = typedInto(after, own, {});
  assert.deepEqual({...after, ...own}, {name: 'B', price: '2.00'});
  assert.deepEqual(typedInto(after, {name: 'B'}, {}), {}, 'both have typed the same');
});

test('a bar is as wide as its slices, and the smallest is seen', () => {
  assert.deepEqual(widths([500, 200, 9300], 1000, 8), [50, 20, 930]);
  assert.deepEqual(widths([1, 0, 999_999], 1000, 8), [8, 0, 992]);
  assert.deepEqual(widths([0, 0], 1000, 8), [0, 0]);
  for (let n = 0; n < 500; n++) {
    const sizes = Array.from({length: 1 + n % 6}, () => Math.floor(Math.random() * 10 ** (n % 9)) + 1), shown = widths(sizes, 1000, 8);
    assert.equal(shown.reduce((a, b) => a + b, 0), 1000);
    assert.ok(shown.every(w => w >= 8), `${sizes.join()}: ${shown.join()}`);
  }
});

test('parts of a rule: what is typed is what is sent, and what is shown is typed again', () => {
  for (const [typed, bps] of [['5', 500], ['5.25', 525], ['0.01', 1], ['5 %', 500], ['100', 10_000], ['5.255', undefined], ['-1', undefined], ['', undefined], ['x', undefined]] as const) assert.equal(bpsOf(typed), bps, typed);
  for (const part of [{receiver: 'platform', rate_bps: 500}, {receiver: 'merchant', merchant_id: 'mer_1', rate_bps: 1, fixed_fen: 100, floor_fen: 50, cap_fen: 500_000}, {receiver: 'platform', fixed_fen: 123_456}] as const) assert.deepEqual(partOf(typedOf(part, 0)), part);
  assert.equal(partOf({id: '0', to: 'platform', rate: 'x', fixed: '', floor: '', cap: ''}), undefined);
  const two = added([typedOf({receiver: 'platform', rate_bps: 500}, 4)], 'mer_1');
  assert.deepEqual(two.map(p => [p.id, p.to]), [['4', 'platform'], ['5', 'mer_1']]);
  const change = changesBetween([{receiver: 'platform', rate_bps: 500}, {receiver: 'merchant', merchant_id: 'mer_1', rate_bps: 100}], [{receiver: 'platform', rate_bps: 700}, {receiver: 'merchant', merchant_id: 'mer_2', rate_bps: 100}], rules.zh);
  assert.deepEqual(change.map(c => [c.to, c.before?.rate_bps, c.after?.rate_bps]), [['platform', 500, 700], ['mer_2', undefined, 100], ['mer_1', 100, undefined]]);
});

test('a plan beside what each has: what is given back is what was had', () => {
  const plan = {order_id: 'ord_1', amount_fen: 20_000, parts: [{receiver: 'platform', amount_fen: 1_000}], merchant_of_record_id: 'mer_1', merchant_of_record_fen: 19_000, approval_required: false} as const;
  const split = {merchant_of_record_name: 'X', kept_fen: 19_000, parts: [{receiver: 'platform' as const, receiver_account: '', amount_fen: 1_200, returned_fen: 200}]};
  assert.deepEqual(partiesOf({...plan, parts: [...plan.parts]}, split).map(p => [p.has, p.gives]), [[1_000, 1_000], [19_000, 19_000]]);
  assert.deepEqual(partiesOf({...plan, parts: [], merchant_of_record_fen: 20_000}, undefined).map(p => [p.has, p.gives]), [[20_000, 20_000]], 'before the split all is the merchant’s');
});

test('Alipay’s codes are found in what it says, and each has a remedy in both languages', () => {
  for (const [said, code] of [['ACQ.RISK_SETTLE_SUSPEND', 'RISK_SETTLE_SUSPEND'], ['ACQ.ROYALTY_RECEIVER_INVALID: 分账接收方不合法', 'ROYALTY_RECEIVER_INVALID'], ['TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH 分账余额不足', 'TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH'], ['ACQ.SOMETHING_NEW', undefined], ['', undefined]] as const) assert.equal(codeIn(said), code, said);
  assert.deepEqual(Object.keys(remedies.zh), Object.keys(remedies.en));
});
