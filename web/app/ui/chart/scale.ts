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

// widths divides a bar by sizes. What is there at all is seen: what a small one is given more than its due is taken from the largest.
export function widths(sizes: readonly number[], wide: number, least: number): number[] {
  const sum = sizes.reduce((a, b) => a + b, 0), most = sizes.indexOf(Math.max(...sizes));
  if (sum <= 0) return sizes.map(() => 0);
  const out = sizes.map(size => size <= 0 ? 0 : Math.max(least, Math.round(size * wide / sum)));
  return out.map((width, n) => n === most ? width + wide - out.reduce((a, b) => a + b, 0) : width);
}
