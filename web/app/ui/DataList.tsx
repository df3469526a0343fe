// A table from 640 px on, cards below. A click on a row follows its first link; who has a keyboard has that link.
import type {MouseEvent, ReactNode} from 'react';
import css from './DataList.module.css';

export interface Column<R> {
  id: string;
  header: string;
  cell: (row: R) => ReactNode;
  align?: 'right';
  fixed?: boolean; // is not broken into lines
  priority?: 1 | 2 | 3; // 3 is not shown below 1280 px, 2 not below 768
}

// card is a row on a phone: what and how much, when and how it stands.
export interface Card {title: ReactNode; figure: ReactNode; when: ReactNode; state: ReactNode}

interface DataListProps<R> {
  label: string;
  rows: readonly R[];
  id: (row: R) => string;
  columns: readonly Column<R>[];
  card: (row: R) => Card;
  stale?: boolean;
}

function follow(e: MouseEvent<HTMLElement>) {
  if ((e.target as HTMLElement).closest('a, button, input, label') !== null || String(getSelection()) !== '') return;
  const link = e.currentTarget.querySelector('a');
  if (link === null) return;
  if (e.metaKey || e.ctrlKey) window.open(link.href, '_blank', 'noopener');
  else link.click();
}

export function DataList<R>({label, rows, id, columns, card, stale = false}: DataListProps<R>) {
  const shape = (c: Column<R>) => [c.align === 'right' ? css['right'] : '', c.fixed ? css['fixed'] : '', c.priority === 3 ? css['p3'] : c.priority === 2 ? css['p2'] : ''].join(' ');
  return (
    <div className={stale ? `${css['wrap']} ${css['stale']}` : css['wrap']} aria-busy={stale || undefined}>
      <table className={css['table']} aria-label={label}>
        <thead><tr>{columns.map(c => <th key={c.id} scope="col" className={shape(c)}>{c.header}</th>)}</tr></thead>
        {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
        <tbody>{rows.map(r => <tr key={id(r)} data-row="" className={css['go']} onClick={follow}>{columns.map(c => <td key={c.id} className={shape(c)}>{c.cell(r)}</td>)}</tr>)}</tbody>
      </table>
      <ul className={css['cards']} aria-label={label}>
        {rows.map(r => {
          const c = card(r);
          return (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
            <li key={id(r)} data-row="" className={css['card']} onClick={follow}>
              <div className={css['top']}><div>{c.title}</div><div>{c.figure}</div></div>
              <div className={css['low']}><div>{c.when}</div><div>{c.state}</div></div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

export const ListFoot = ({children}: {children: ReactNode}) => <div className={css['foot']}>{children}</div>;
