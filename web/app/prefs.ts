// What is a matter of taste, kept in this browser: the only user of localStorage.
import {useSyncExternalStore} from 'react';

export interface Prefs {lang?: 'zh' | 'en'; theme: 'auto' | 'light' | 'dark'; keys: boolean; tenant?: string}

const place = 'zhitong', usual: Prefs = {theme: 'auto', keys: true};

function kept(): Prefs {
  try {
    const {lang, theme, keys, tenant} = JSON.parse(localStorage.getItem(place) ?? '{}') as Partial<Record<keyof Prefs, unknown>>;
    return {
      theme: theme === 'light' || theme === 'dark' ? theme : 'auto', keys: keys !== false,
      ...((lang === 'zh' || lang === 'en') && {lang}), ...(typeof tenant === 'string' && {tenant}),
    };
  } catch {
    return usual;
  }
}

let now = kept();
const watchers = new Set<() => void>();

export const prefs = {
  get: (): Prefs => now,
  set(change: Partial<Prefs>): void {
    now = {...now, ...change};
    try { localStorage.setItem(place, JSON.stringify(now)); } catch { /* a browser that keeps nothing */ }
    for (const w of watchers) w();
  },
};

const subscribe = (w: () => void) => { watchers.add(w); return () => { watchers.delete(w); }; };
export const usePrefs = (): Prefs => useSyncExternalStore(subscribe, prefs.get);

// wear puts the theme on the page.
export function wear(theme: Prefs['theme']): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
