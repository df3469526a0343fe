// Tone, shape and word: a status is never told by its colour alone.
import type {ReactNode} from 'react';
import css from './Mark.module.css';

export type Tone = 'work' | 'act' | 'risk' | 'good' | 'over';
export type Shape = 'ring' | 'half' | 'check' | 'triangle' | 'cross' | 'back' | 'bars' | 'dash';
export type Look = readonly [Tone, Shape];

const shapes: Record<Shape, ReactNode> = {
  ring: <circle cx="8" cy="8" r="5.5" strokeDasharray="2.6 2.9" />,
  half: <><circle cx="8" cy="8" r="5.5" /><path d="M8 2.5a5.500 5.500 0 0 1 0 11z" fill="currentColor" /></>,
  check: <><circle cx="8" cy="8" r="6.5" fill="currentColor" stroke="none" /><path d="m5.200 8.200 2 2 3.800-4.200" stroke="var(--card)" /></>,
  triangle: <path d="M8 2.800 14 13.200H2z" fill="currentColor" />,
  cross: <path d="m4 4 8 8M12 4l-8 8" />,
  back: <path d="M6.500 3 3 6.500 6.500 10M3.500 6.500H10a3 3 0 0 1 0 6H7" />,
  bars: <path d="M5.500 3.500v9M10.500 3.500v9" />,
  dash: <path d="M4 8h8" />,
};

// Mark stays on one line, unless what it says is a sentence.
export function Mark({look: [tone, shape], wrap = false, children}: {look: Look; wrap?: boolean; children: ReactNode}) {
  return <span className={`${css['mark']} ${css[tone]}${wrap ? ` ${css['wrap']}` : ''}`}><svg viewBox="0 0 16 16" aria-hidden="true">{shapes[shape]}</svg><span className={css['word']}>{children}</span></span>;
}

export const Tag = ({tone, children}: {tone: Tone; children: ReactNode}) => <span className={`${css['tag']} ${css[tone]}`}>{children}</span>;
