// How a whole is divided: a bar, and below it what each slice is, in the same order. The table says all that the bar shows.
import type {ReactNode} from 'react';
import {Held} from '../Layout.tsx';
import {Sums} from '../Sums.tsx';
import {widths} from './scale.ts';
import css from './Share.module.css';

export interface Slice {id: string; size: number; rest?: boolean} // the rest is what is left over
export interface NamedSlice extends Slice {name: ReactNode; figures: readonly string[]}

const wide = 1000, high = 10, least = 8, shades = 5;
const shade = (s: Slice, n: number) => css[s.rest ? 'rest' : `s${n % shades}`] ?? '';

// ShareBar is the bar alone, beside words that say the same.
export function ShareBar({of, thin = false}: {of: readonly Slice[]; thin?: boolean}) {
  const shown = widths(of.map(s => s.size), wide, least), before = (n: number) => shown.slice(0, n).reduce((a, b) => a + b, 0);
  return (
    <svg className={thin ? `${css['bar']} ${css['thin']}` : css['bar']} viewBox={`0 0 ${wide} ${high}`} preserveAspectRatio="none" aria-hidden="true">
      {of.map((s, n) => s.size > 0 && <rect key={s.id} className={`${css['slice']} ${shade(s, n)}`} x={before(n)} width={shown[n] ?? 0} height={high} />)}
    </svg>
  );
}

export function Share({label, columns, of, total}: {label: string; columns: readonly string[]; of: readonly NamedSlice[]; total?: {name: ReactNode; figures: readonly string[]}}) {
  return (
    <div className={css['share']}>
      <ShareBar of={of} />
      <Sums label={label} columns={columns} total={total && {id: 'total', what: total.name, figures: total.figures}}
        rows={of.map((s, n) => ({id: s.id, figures: s.figures, what: <Held><svg className={`${css['swatch']} ${shade(s, n)}`} viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="3" /></svg><span>{s.name}</span></Held>}))} />
    </div>
  );
}
