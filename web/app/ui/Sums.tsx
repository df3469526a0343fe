// Names with figures in columns, and what they come to.
import type {ReactNode} from 'react';
import css from './Sums.module.css';

export interface Sum {id: string; what: ReactNode; figures: readonly string[]}

export function Sums({label, columns, rows, total}: {label: string; columns: readonly string[]; rows: readonly Sum[]; total?: Sum | undefined}) {
  const line = (r: Sum) => <tr key={r.id}><th scope="row">{r.what}</th>{r.figures.map((figure, n) => <td key={columns[n + 1]}>{figure}</td>)}</tr>;
  return (
    <table className={css['sums']} aria-label={label}>
      <thead><tr>{columns.map(name => <th key={name} scope="col">{name}</th>)}</tr></thead>
      <tbody>{rows.map(line)}</tbody>
      {total && <tfoot>{line(total)}</tfoot>}
    </table>
  );
}
