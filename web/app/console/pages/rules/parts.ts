// The parts of a rule: in words, as they are typed, and what is another between two versions.
import type {PartRule} from '../../../api/queries/rules.ts';
import {fenOf, percent, yuan} from '../../../domain/money.ts';
import type {rules} from '../../../i18n/rules.ts';

export const platform = 'platform', most = 5;

// TypedPart is a part as its fields show it. Who gets it is the platform, or the identifier of a merchant.
export interface TypedPart {id: string; to: string; rate: string; fixed: string; floor: string; cap: string}

// receiverOf names who gets a part; of a rule each gets one at most.
export const receiverOf = (p: PartRule): string => p.merchant_id ?? platform;

export function wordsOf(p: PartRule, t: (typeof rules)['zh']): string {
  const {rate_bps: rate = 0, fixed_fen: fixed = 0, floor_fen: floor = 0, cap_fen: cap = 0} = p;
  return [rate > 0 && percent(rate), floor > 0 && t.atLeast(yuan(floor)), cap > 0 && t.atMost(yuan(cap)), fixed > 0 && (rate > 0 || floor > 0 ? t.plus(yuan(fixed)) : yuan(fixed))].filter(Boolean).join(t.comma);
}

// bpsOf reads a rate in percent, with at most two decimals.
export function bpsOf(typed: string): number | undefined {
  const found = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(typed.trim().replace(/\s*[%\uff05]$/, ''));
  return found?.[1] === undefined ? undefined : Number(found[1] + (found[2] ?? '').padEnd(2, '0'));
}

const amountOf = (typed: string): number | undefined => typed.trim() === '' ? 0 : fenOf(typed);
const rateOf = (typed: string): number | undefined => typed.trim() === '' ? 0 : bpsOf(typed);

// partOf is what is typed as the API takes it; undefined when a field is no figure.
export function partOf(p: TypedPart): PartRule | undefined {
  const rate = rateOf(p.rate), fixed = amountOf(p.fixed), floor = amountOf(p.floor), cap = amountOf(p.cap);
  if (rate === undefined || fixed === undefined || floor === undefined || cap === undefined) return undefined;
  return {
    receiver: p.to === platform ? 'platform' : 'merchant', ...(p.to !== platform && {merchant_id: p.to}),
    ...(rate > 0 && {rate_bps: rate}), ...(fixed > 0 && {fixed_fen: fixed}), ...(floor > 0 && {floor_fen: floor}), ...(cap > 0 && {cap_fen: cap}),
  };
}

// faultless tells whether a field can be read at all; whether it makes sense the server says.
export const faultless = (field: 'rate' | 'fixed' | 'floor' | 'cap', typed: string): boolean => (field === 'rate' ? rateOf(typed) : amountOf(typed)) !== undefined;

const written = (fen: number | undefined) => fen === undefined || fen === 0 ? '' : yuan(fen).slice(1);

export const typedOf = (p: PartRule, n: number): TypedPart =>
  ({id: String(n), to: receiverOf(p), rate: p.rate_bps ? percent(p.rate_bps).replace(' %', '') : '', fixed: written(p.fixed_fen), floor: written(p.floor_fen), cap: written(p.cap_fen)});

export const added = (parts: readonly TypedPart[], to: string): TypedPart[] =>
  [...parts, {id: String(1 + Math.max(-1, ...parts.map(p => Number(p.id)))), to, rate: '', fixed: '', floor: '', cap: ''}];

export interface Changed {to: string; before: PartRule | undefined; after: PartRule | undefined}

// changesBetween are the receivers whose part is another in the later version, in its order; who is in it no more comes last.
export function changesBetween(before: readonly PartRule[], after: readonly PartRule[], t: (typeof rules)['zh']): Changed[] {
  const of = (parts: readonly PartRule[], to: string) => parts.find(p => receiverOf(p) === to);
  const all = [...after.map(receiverOf), ...before.map(receiverOf).filter(to => of(after, to) === undefined)];
  const said = (p: PartRule | undefined) => p === undefined ? undefined : wordsOf(p, t);
  return all.map(to => ({to, before: of(before, to), after: of(after, to)})).filter(c => said(c.before) !== said(c.after));
}
