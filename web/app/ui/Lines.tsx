import type {ReactNode} from 'react';
import css from './Lines.module.css';

export interface Line {id: string; what: ReactNode; mark?: ReactNode; end?: ReactNode}

// Lines are a short list: what, and at its end a figure or a button.
export const Lines = ({label, of}: {label: string; of: readonly Line[]}) => <ul className={css['lines']} aria-label={label}>{of.map(l => <li key={l.id} className={css['line']}>{l.mark}<span className={css['grow']}>{l.what}</span>{l.end !== undefined && <span className={css['end']}>{l.end}</span>}</li>)}</ul>;
