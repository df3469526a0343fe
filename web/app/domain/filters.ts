// Filters live in the address: parse makes values of what stands there and leaves out what is none, print writes them back. parse(print(v)) is v.
import {isDay} from './time.ts';

export type Kind =
  | {readonly kind: 'one-of'; readonly values: readonly string[]} // several, with commas between them
  | {readonly kind: 'day'}
  | {readonly kind: 'text'; readonly max: number; readonly pattern?: RegExp};

export type Kinds = Readonly<Record<string, Kind>>;
export type ValueOf<K extends Kind> = K extends {kind: 'one-of'; values: readonly (infer V)[]} ? V[] : string;
export type Values<F extends Kinds> = {-readonly [N in keyof F]?: ValueOf<F[N]>};
export type Search = Record<string, string>;

export const oneOf = <const V extends readonly string[]>(...values: V) => ({kind: 'one-of', values}) as const;
export const day = {kind: 'day'} as const;
export const text = (max: number, pattern?: RegExp) => ({kind: 'text', max, ...(pattern && {pattern})}) as const;
export const cursor = text(128, /^[0-9A-Za-z_-]+$/);

function valueOf(kind: Kind, raw: string): string | string[] | undefined {
  if (kind.kind === 'day') return isDay(raw) ? raw : undefined;
  if (kind.kind === 'text') {
    const t = raw.trim();
    return t === '' || t.length > kind.max || kind.pattern?.test(t) === false ? undefined : t;
  }
  const asked = raw.split(',');
  const some = kind.values.filter(v => asked.includes(v));
  return some.length === 0 ? undefined : some;
}

export function parse<F extends Kinds>(kinds: F, search: Record<string, unknown>): Values<F> {
  const out: Record<string, string | string[]> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const raw = search[name];
    const value = typeof raw === 'string' ? valueOf(kind, raw) : undefined;
    if (value !== undefined) out[name] = value;
  }
  return out as Values<F>;
}

export function print(values: Record<string, string | readonly string[] | undefined>): Search {
  const out: Search = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value.length === 0) continue;
    out[name] = typeof value === 'string' ? value : value.join(',');
  }
  return out;
}

// searching is what a route does with what stands in the address: it accepts its own output.
export const searching = <F extends Kinds>(kinds: F) => (search: Record<string, unknown>): Search => print(parse(kinds, search));
