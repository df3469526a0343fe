import {Plus, X} from 'lucide-react';
import type {ComponentProps, ReactNode} from 'react';
import css from './Chips.module.css';

export const Chips = ({children}: {children: ReactNode}) => <div className={css['chips']}>{children}</div>;

export const ChipBox = ({children}: {children: ReactNode}) => <span className={css['chip']}>{children}</span>;

export const ChipButton = ({name, value, ...rest}: Omit<ComponentProps<'button'>, 'className' | 'value'> & {name: string; value: string}) =>
  <button {...rest} type="button" className={css['open']}><span className={css['name']}>{name}</span><span className={css['value']}>{value}</span></button>;

export const ChipOff = ({label, onClick}: {label: string; onClick: () => void}) => <button type="button" className={css['off']} aria-label={label} onClick={onClick}><X size={14} aria-hidden /></button>;

export const ChipAdd = ({children, ...rest}: Omit<ComponentProps<'button'>, 'className'>) => <button {...rest} type="button" className={`${css['open']} ${css['chip']} ${css['add']}`}><Plus size={14} aria-hidden />{children}</button>;
