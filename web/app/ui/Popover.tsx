import {cloneElement, lazy, Suspense, useState, type ComponentProps, type ReactElement, type ReactNode} from 'react';

export interface PopoverProps {button: ReactElement<ComponentProps<'button'>>; title: string; open: boolean; onOpen: (open: boolean) => void; children: ReactNode}

const load = () => import('./PopoverFull.tsx');
const Full = lazy(() => load().then(m => ({default: m.PopoverFull})));

// Popover is a small form behind a button. What opens it is loaded when somebody comes near.
export function Popover(props: PopoverProps) {
  const [wanted, setWanted] = useState(props.open), near = () => void load();
  if (props.open && !wanted) setWanted(true); // from then on it stays, so that the focus finds back to its button
  if (wanted) return <Suspense fallback={props.button}><Full {...props} /></Suspense>;
  return cloneElement(props.button, {'aria-haspopup': 'dialog', 'aria-expanded': false, onClick: () => props.onOpen(true), onPointerEnter: near, onFocus: near});
}
