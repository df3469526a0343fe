// Keys, for who wants them: never in a field, never with a dialog open, and off by a switch.
import {useNavigate} from '@tanstack/react-router';
import {useEffect} from 'react';
import {usePrefs} from '../../prefs.ts';
import {navigation} from './navigation.ts';

const secondWithin = 1_000;

// typing tells whether a key belongs to what is under the hand.
const typing = (e: KeyboardEvent) => e.target instanceof Element && e.target.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu]') !== null;

// step moves the focus to the next or the previous row of the list that is seen.
function step(by: 1 | -1): void {
  const links = [...document.querySelectorAll('[data-row]')].map(r => r.querySelector('a')).filter(a => a !== null && a.getClientRects().length > 0) as HTMLAnchorElement[];
  const at = links.findIndex(a => a.closest('[data-row]')?.contains(document.activeElement));
  links[Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
}

export function useKeys(search: () => void, help: () => void): void {
  const {keys} = usePrefs(), navigate = useNavigate();
  useEffect(() => {
    let went = 0;
    const pressed = (e: KeyboardEvent) => {
      if ((e.metaKey || e.ctrlKey) && e.key.toLowerCase() === 'k') { e.preventDefault(); search(); return; }
      if (!keys || e.metaKey || e.ctrlKey || e.altKey || typing(e)) return;
      if (e.timeStamp - went < secondWithin) {
        went = 0;
        const page = navigation.flatMap(a => a.pages).find(p => p.key === e.key);
        if (page) void navigate({from: '/$tenant', to: page.to});
        return;
      }
      if (e.key === 'g') went = e.timeStamp;
      if (e.key === '/') { e.preventDefault(); search(); }
      if (e.key === '?') help();
      if (e.key === '[' || e.key === ']') document.querySelector<HTMLElement>(`[data-beside="${e.key}"]`)?.click(); // the record beside this one
      if (e.key === 'j' || e.key === 'k') step(e.key === 'j' ? 1 : -1);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [keys, navigate, search, help]);
}
