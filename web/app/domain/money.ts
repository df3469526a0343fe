// Amounts are whole fen. Nothing here, or anywhere else, divides by a hundred in floating point.
import {grouped} from '../i18n/texts.ts';

const minus = '−';

// yuan writes fen: ¥1,234.50.
export function yuan(fen: number): string {
  const whole = Math.abs(fen), cents = String(whole % 100).padStart(2, '0');
  return `${fen < 0 ? minus : ''}¥${grouped((whole - whole % 100) / 100)}.${cents}`;
}

// fenOf reads what somebody typed; undefined when it is no amount in yuan.
export function fenOf(typed: string): number | undefined {
  const found = /^(\d{1,11})(?:\.(\d{1,2}))?$/.exec(typed.trim().replace(/^[¥￥]/, '').replaceAll(',', ''));
  if (found?.[1] === undefined) return undefined;
  return Number(found[1] + (found[2] ?? '').padEnd(2, '0'));
}

// percent writes basis points: 5.00 %.
export function percent(bps: number): string {
  const whole = Math.abs(bps);
  return `${bps < 0 ? minus : ''}${grouped((whole - whole % 100) / 100)}.${String(whole % 100).padStart(2, '0')} %`;
}

// change is how much more, in basis points; undefined where there was nothing to compare with.
export const change = (now: number, before: number): number | undefined => before === 0 ? undefined : Math.round((now - before) * 10_000 / Math.abs(before));
