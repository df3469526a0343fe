// What pages are laid out with. A card holds one subject; there is no card in a card.
import type {ReactNode} from 'react';
import css from './Layout.module.css';

const classes = (...names: (string | false | undefined)[]): string => names.map(n => n ? css[n] : '').filter(Boolean).join(' ');

interface Inside {children: ReactNode}

export function Page({title, count, acts, above, children}: Inside & {title: ReactNode; count?: ReactNode; acts?: ReactNode; above?: ReactNode}) {
  return (
    <div className={classes('page')}>
      {above}
      <div className={classes('head')}>
        <div className={classes('title')}><h1>{title}</h1>{count !== undefined && <span className={classes('count')}>{count}</span>}</div>
        {acts !== undefined && <div className={classes('acts')}>{acts}</div>}
      </div>
      {children}
    </div>
  );
}

// Alone stands on a page that has nothing else.
export const Alone = ({children}: Inside) => <div className={classes('alone')}>{children}</div>;

export const Card = ({flush, label, children}: Inside & {flush?: boolean; label?: string}) => <section className={classes('card', flush && 'flush')} aria-label={label}>{children}</section>;
export const Stack = ({tight, children}: Inside & {tight?: boolean}) => <div className={classes('stack', tight && 'tight')}>{children}</div>;
// Held are things that stay on one line, the last as it is and the first as wide as there is room.
export const Held = ({children}: Inside) => <span className={classes('held')}>{children}</span>;
export const Row = ({between, children}: Inside & {between?: boolean}) => <div className={classes('row', between && 'between')}>{children}</div>;

// Columns stand beside each other where there is room: a main one and a side one, two, or four that are two on a phone. Of two that are lifted the first
// stands above all else of the page on a phone.
export const Columns = ({of, children}: Inside & {of: 'side' | 'two' | 'four' | 'lifted'}) => <div className={classes('cols', of)}>{children}</div>;

// First comes first on a phone, wherever it stands on a desk.
export const First = ({children}: Inside) => <div className={classes('stack', 'first')}>{children}</div>;

// Wide is shown where columns stand beside each other, Narrow where they do not: what comes late on a phone may stand in the first column of a desk.
export const Wide = ({children}: Inside) => <div className={classes('stack', 'wide')}>{children}</div>;
export const Narrow = ({children}: Inside) => <div className={classes('stack', 'narrow')}>{children}</div>;

export const Big = ({children}: Inside) => <span className={classes('big')}>{children}</span>;
export const Soft = ({small, children}: Inside & {small?: boolean}) => <span className={classes('soft', 'break', small && 'small')}>{children}</span>;
export const Strong = ({children}: Inside) => <span className={classes('strong', 'break')}>{children}</span>;
export const Text = ({children}: Inside) => <p className={classes('break')}>{children}</p>;
export const Mono = ({children}: Inside) => <span className={classes('mono', 'break')}>{children}</span>;
export const OnlyReader = ({children}: Inside) => <span className={classes('only-reader')}>{children}</span>;

// Facts are names and values; those without a value are left out.
export function Facts({of}: {of: readonly (readonly [string, ReactNode])[]}) {
  return <dl className={classes('facts')}>{of.filter(([, v]) => v !== undefined && v !== '' && v !== null && v !== false).map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={name + ' '}>{value}</dd>])}</dl>;
}
