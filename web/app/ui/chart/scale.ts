export type Series = readonly (number | undefined)[];

const places = 10;
const round = (n: number) => Math.round(n * places) / places;

// path is a series as an SVG path from the left to the right, 0 at the bottom and top at the top; what is not known is a gap.
export function path(series: Series, wide: number, high: number, top: number): string {
  const step = series.length > 1 ? wide / (series.length - 1) : 0;
  let out = '', pen = false;
  series.forEach((value, n) => {
    if (value === undefined) { pen = false; return; }
    out += `${pen ? 'L' : 'M'}${round(n * step)} ${round(high - Math.max(0, value) * (high - 2) / top)}`;
    pen = true;
  });
  return out;
}
