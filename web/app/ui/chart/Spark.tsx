// A line of a day in the room of a word: now, and what it is compared with, dashed. Where a figure is not yet known there is a gap.
import {path, type Series} from './scale.ts';
import css from './Line.module.css';

export function Spark({label, now, before = []}: {label: string; now: Series; before?: Series}) {
  const top = Math.max(1, ...[...now, ...before].map(v => v ?? 0)), wide = 240, high = 40;
  return (
    <svg className={`${css['chart']} ${css['spark']}`} viewBox={`0 0 ${wide} ${high}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path className={css['zero']} d={`M0 ${high - 1}H${wide}`} />
      <path className={css['before']} d={path(before, wide, high - 3, top)} />
      <path className={css['now']} d={path(now, wide, high - 3, top)} />
    </svg>
  );
}
