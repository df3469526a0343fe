// One box for going somewhere and for finding a thing by any of its numbers. What is looked for is in no address.
import {useQuery} from '@tanstack/react-query';
import {useNavigate} from '@tanstack/react-router';
import {useId, useRef, useState, type KeyboardEvent} from 'react';
import {search} from '../../api/queries/overview.ts';
import {useSession} from '../../api/session.ts';
import {ProblemNote} from '../../domain/Problem.tsx';
import {useRested} from '../../domain/rested.ts';
import {placeOf} from '../../domain/where.ts';
import {frame} from '../../i18n/frame.ts';
import {useText} from '../../i18n/texts.ts';
import {Dialog} from '../../ui/Dialog.tsx';
import {TextField} from '../../ui/Field.tsx';
import {Panel} from '../../ui/Panel.tsx';
import {shownTo} from './navigation.ts';
import css from './Frame.module.css';

const restFor = 200, shortest = 2;

interface Result {id: string; group: string; title: string; more: string; go?: (() => void) | undefined}

export function Search({onClose}: {onClose: () => void}) {
  const t = useText(frame), {tenant, can} = useSession(), navigate = useNavigate(), id = useId(), field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(''), [chosen, setChosen] = useState(0);
  const q = useRested(typed.trim(), restFor), asks = q.length >= shortest && can('search');
  const {data, error, isFetching} = useQuery({...search(tenant, q), enabled: asks});
  const leave = (go: () => unknown) => () => { onClose(); void go(); };
  const results: Result[] = [
    ...shownTo(can).flatMap(a => a.pages).filter(p => t[p.text].toLowerCase().includes(typed.trim().toLowerCase()))
      .map(p => ({id: p.to, group: t.pages, title: t[p.text], more: '', go: leave(() => navigate({to: p.to, params: {tenant}}))})),
    ...(asks ? data?.data ?? [] : []).map(h => {
      const place = placeOf(tenant, h.subject_id, h.order_id);
      return {id: h.subject_id, group: t.found, title: h.title, more: place ? h.subtitle : `${h.subtitle} · ${t.noPage}`, go: place && leave(() => navigate(place as never))};
    }),
  ];
  const at = Math.min(chosen, results.length - 1);
  const keys = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { e.preventDefault(); setChosen(Math.min(Math.max(at + (e.key === 'ArrowDown' ? 1 : -1), 0), results.length - 1)); }
    if (e.key === 'Enter' && !e.nativeEvent.isComposing && q === typed.trim()) { e.preventDefault(); results[at]?.go?.(); }
  };
  return (
    <Dialog open onClose={onClose} title={t.search} high focus={field}>
      <TextField ref={field} label={t.searchLabel} help={t.searchHelp} value={typed} maxLength={512} onChange={e => { setTyped(e.target.value); setChosen(0); }} onKeyDown={keys} enterKeyHint="search" autoComplete="off" spellCheck={false} autoCapitalize="none"
        role="combobox" aria-expanded aria-controls={id} aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined} aria-autocomplete="list" />
      <ProblemNote of={asks ? error : null} />
      <div id={id} role="listbox" aria-label={t.found} className={css['results']}>
        {results.map((r, n) => (
          <div key={r.id} id={`${id}-${n}`} role="option" tabIndex={-1} aria-selected={n === at} aria-disabled={r.go === undefined} className={css['result']} onClick={r.go} onKeyDown={undefined} onPointerMove={() => setChosen(n)}>
            <span className={css['what']}>{r.title}{r.more !== '' && <small>{r.more}</small>}</span><small>{r.group}</small>
          </div>
        ))}
      </div>
      {asks && !isFetching && q === typed.trim() && results.length === 0 && error === null && <Panel title={t.nothing} todo={t.nothingTodo} />}
    </Dialog>
  );
}
