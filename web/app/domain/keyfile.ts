// Reads card keys, one a line, before they are sent: how many there are, which stand twice, and how they look. What is read is kept nowhere.
export interface Seen {
  bytes: number; // read so far
  lines: number;
  blank: number;
  repeated: number;
  keys: number; // different ones
  sample: readonly string[]; // masked
  encoding: string;
}

export interface Read {seen: Seen; content: Blob; digest: string} // content is UTF-8, as the server takes it

export const fileMax = 64 * 1024 * 1024;
const sampled = 5, shownMost = 4, tellEvery = 100, wide = 0x1_0000_0000;

// masked leaves the end of a key, and never more than a third of it.
export function masked(key: string): string {
  const shown = Math.min(shownMost, Math.floor(key.length / 3));
  return '····' + (shown === 0 ? '' : key.slice(-shown));
}

// encodings are how a file may be written: a byte order mark says it, and what is no UTF-8 is what spreadsheets of China write.
async function encodings(source: Blob): Promise<readonly string[]> {
  const [a, b] = new Uint8Array(await source.slice(0, 2).arrayBuffer());
  if (a === 0xff && b === 0xfe) return ['utf-16le'];
  if (a === 0xfe && b === 0xff) return ['utf-16be'];
  return ['utf-8', 'gb18030'];
}

// readKeys reads a file in parts, and tells how far it is. It throws a TypeError for what is no text in any of the encodings.
export async function readKeys(source: Blob, tell: (s: Seen) => void, signal: AbortSignal): Promise<Read> {
  const some = await encodings(source);
  for (const [n, encoding] of some.entries()) {
    try {
      return await readAs(source, encoding, tell, signal);
    } catch (e) {
      if (!(e instanceof TypeError) || n === some.length - 1) throw e;
    }
  }
  throw new TypeError('no encoding');
}

async function readAs(source: Blob, encoding: string, tell: (s: Seen) => void, signal: AbortSignal): Promise<Read> {
  const decoder = new TextDecoder(encoding, {fatal: true}), parts: string[] = [], known = new Set<string>(), sample: string[] = [];
  let rest = '', bytes = 0, lines = 0, blank = 0, repeated = 0, digest = 0, told = 0;
  const seen = (): Seen => ({bytes, lines, blank, repeated, keys: known.size, sample: [...sample], encoding});
  const line = (text: string) => {
    const key = text.trim();
    lines++;
    if (key === '') { blank++; return; }
    for (let i = 0; i < key.length; i++) digest = (digest * 31 + key.charCodeAt(i)) % wide;
    if (known.has(key)) { repeated++; return; }
    known.add(key);
    if (sample.length < sampled) sample.push(masked(key));
  };
  const take = (text: string) => {
    if (encoding !== 'utf-8') parts.push(text);
    const all = (rest + text).split('\n');
    rest = all.pop() ?? '';
    for (const l of all) line(l);
  };
  const reader = source.stream().getReader();
  try {
    for (;;) {
      const {done, value} = await reader.read();
      signal.throwIfAborted();
      if (done) break;
      bytes += value.byteLength;
      take(decoder.decode(value, {stream: true}));
      if (performance.now() - told > tellEvery) { told = performance.now(); tell(seen()); }
    }
    take(decoder.decode());
  } finally {
    void reader.cancel().catch(() => undefined);
  }
  if (rest !== '') line(rest);
  const last = seen();
  tell(last);
  return {seen: last, content: encoding === 'utf-8' ? source : new Blob(parts), digest: `${lines}.${digest}`};
}

// Left is a line that an import left out, of the file that it makes of them.
export interface Left {line: number; code: string}

export function leftOut(csv: string, most: number): Left[] {
  const found: Left[] = [];
  for (const row of csv.split(/\r?\n/).slice(1)) {
    const cells = /^(\d+),([a-z_]+)$/.exec(row);
    if (cells?.[2] !== undefined) found.push({line: Number(cells[1]), code: cells[2]});
    if (found.length === most) break;
  }
  return found;
}
