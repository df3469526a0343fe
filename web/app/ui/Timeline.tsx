import type {ReactNode} from 'react';
import css from './Timeline.module.css';

export interface Entry {id: string; time: ReactNode; kind: 'money' | 'notices' | 'people' | 'goods'; title: ReactNode; detail?: ReactNode; amount?: ReactNode}

// Timeline is all that happened, oldest first.
export function Timeline({label, entries}: {label: string; entries: readonly Entry[]}) {
  return (
    <ol className={css['list']} aria-label={label}>
      {entries.map(e => (
        <li key={e.id} className={`${css['entry']} ${css[e.kind]}`}>
          <span className={css['time']}>{e.time}</span><span className={css['dot']} aria-hidden="true" />
          <div className={css['what']}><div className={css['title']}>{e.title}</div>{e.detail !== undefined && <div className={css['detail']}>{e.detail}</div>}</div>
          <span className={css['amount']}>{e.amount}</span>
        </li>
      ))}
    </ol>
  );
}
