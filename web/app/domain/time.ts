// Times are shown in the platform's zone, Beijing, whatever the browser's is. China has had no summer time since 1991: the zone is eight hours, always.
const zone = 8 * 3_600_000, day = 24 * 3_600_000;

const pad = (n: number) => String(n).padStart(2, '0');

function parts(at: number) {
  const d = new Date(at + zone);
  return {year: d.getUTCFullYear(), date: `${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`, time: `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`};
}

// moment writes a time as briefly as it is clear: 21:18:46 today, 11-26 21:18:46 this year, else with the year.
export function moment(at: string, now: number): string {
  const there = parts(Date.parse(at)), here = parts(now);
  if (there.year !== here.year) return `${there.year}-${there.date} ${there.time}`;
  return there.date === here.date ? there.time : `${there.date} ${there.time}`;
}

export function whole(at: string): string {
  const p = parts(Date.parse(at));
  return `${p.year}-${p.date} ${p.time}`;
}

export const dayOf = (at: number): string => { const p = parts(at); return `${p.year}-${p.date}`; };
export const hourOf = (at: string): string => parts(Date.parse(at)).time.slice(0, 5);

// isDay tells whether a text names a day that there is.
export function isDay(text: string): boolean {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return found !== null && new Date(Date.parse(text + 'T00:00:00Z')).toJSON()?.slice(0, 10) === text;
}

// startOf is the moment at which a day begins.
export const startOf = (text: string): string => new Date(Date.parse(text + 'T00:00:00Z') - zone).toISOString();

export const plusDays = (text: string, n: number): string => new Date(Date.parse(text + 'T00:00:00Z') + n * day).toISOString().slice(0, 10);

// ago is how long something has lasted, in its largest unit.
export function ago(since: string, now: number): {n: number; unit: 'minutes' | 'hours' | 'days'} {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
  if (minutes < 60) return {n: minutes, unit: 'minutes'};
  return minutes < 48 * 60 ? {n: Math.floor(minutes / 60), unit: 'hours'} : {n: Math.floor(minutes / (24 * 60)), unit: 'days'};
}

// now is the moment at which a page is drawn.
export const now = (): number => Date.now();
