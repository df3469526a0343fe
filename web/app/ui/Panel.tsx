import type {ReactNode} from 'react';
import css from './Panel.module.css';

// Panel stands in the place of content that is not there: why, and what next.
export const Panel = ({title, todo, children}: {title: ReactNode; todo?: ReactNode; children?: ReactNode}) => <div className={css['panel']}><p className={css['title']}>{title}</p>{todo !== undefined && <p className={css['todo']}>{todo}</p>}{children}</div>;

// Note is a line beside what it is about.
export const Note = ({tone = 'info', acts, children}: {tone?: 'info' | 'bad' | 'warn' | 'good'; acts?: ReactNode; children: ReactNode}) => <div className={`${css['note']} ${tone === 'info' ? '' : css[tone]}`} role={tone === 'bad' ? 'alert' : 'status'}><div className={css['grow']}>{children}</div>{acts}</div>;

// Wait keeps the place of what is being read; nothing is seen of it for a moment.
export const Wait = ({label}: {label: string}) => <div className={css['wait']} role="status" aria-label={label} />;

// Progress is how much of something is done, of a thousand.
export const Progress = ({label, of}: {label: string; of: number}) => <div className={css['bar']} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(of / 10)}><svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true"><rect width={of} height="8" /></svg></div>;
