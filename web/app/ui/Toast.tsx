// A word on what was just done. It goes by itself; nothing that must be read stands here alone.
import {useSyncExternalStore} from 'react';
import css from './Toast.module.css';

interface Told {id: number; text: string}

const staysFor = 5_000;
let told: readonly Told[] = [];
let next = 0;
const watchers = new Set<() => void>();
const set = (now: readonly Told[]) => { told = now; for (const w of watchers) w(); };

export function toast(text: string): void {
  const id = next++;
  set([...told.slice(-2), {id, text}]);
  setTimeout(() => set(told.filter(t => t.id !== id)), staysFor);
}

const subscribe = (w: () => void) => { watchers.add(w); return () => { watchers.delete(w); }; };

export const Toasts = () => <div className={css['region']} role="status" aria-live="polite">{useSyncExternalStore(subscribe, () => told).map(t => <div key={t.id} className={css['toast']}>{t.text}</div>)}</div>;
