import {cloneElement, lazy, Suspense, useState, type ComponentProps, type ReactElement, type ReactNode} from 'react';

export interface Item {id: string; text: ReactNode; go: () => void; current?: boolean; mark?: ReactNode; disabled?: boolean}

export interface Group {name?: string; items: readonly Item[]}

export interface MenuProps {button: ReactElement<ComponentProps<'button'>>; groups: readonly Group[]; side?: 'bottom' | 'top'}

const load = () => import('./MenuFull.tsx');
const Full = lazy(() => load().then(m => ({default: m.MenuFull})));

// Menu is a list of acts behind a button, which is given as an element. What opens it is loaded when somebody comes near.
export function Menu(props: MenuProps) {
  const [wanted, setWanted] = useState(false), near = () => void load();
  const button = cloneElement(props.button, {'aria-haspopup': 'menu', 'aria-expanded': false, onClick: () => setWanted(true), onPointerEnter: near, onFocus: near});
  return wanted ? <Suspense fallback={props.button}><Full {...props} /></Suspense> : button;
}
