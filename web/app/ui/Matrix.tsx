// What each of a few columns has of many rows.
import css from './Matrix.module.css';

export interface MatrixProps {
  label: string;
  corner: string;
  columns: readonly {id: string; text: string; note: string; own: boolean}[];
  groups: readonly {name: string; rows: readonly {id: string; text: string; has: readonly string[]}[]}[];
}

export function Matrix({label, corner, columns, groups}: MatrixProps) {
  const own = (yes: boolean) => yes ? css['own'] : undefined;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={css['wrap']} role="region" aria-label={label} tabIndex={0}>
      <table className={css['table']} aria-label={label}>
        <thead><tr><th scope="col">{corner}</th>{columns.map(c => <th key={c.id} scope="col" className={own(c.own)}>{c.text}<span className={css['note']}>{c.note}</span></th>)}</tr></thead>
        {groups.map(g => (
          <tbody key={g.name}>
            <tr><th scope="rowgroup" colSpan={columns.length + 1} className={css['group']}>{g.name}</th></tr>
            {g.rows.map(r => <tr key={r.id}><th scope="row" title={r.id}>{r.text}</th>{columns.map(c => <td key={c.id} className={own(c.own)}>{r.has.includes(c.id) && <><span className={css['dot']} aria-hidden="true">●</span><span className={css['reader']}>{c.text}</span></>}</td>)}</tr>)}
          </tbody>
        ))}
      </table>
    </div>
  );
}
