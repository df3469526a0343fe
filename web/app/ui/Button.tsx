import type {ComponentProps, ReactNode} from 'react';
import css from './Button.module.css';

export type Weight = 'primary' | 'plain' | 'danger' | 'quiet';

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'style'> {
  weight?: Weight;
  busy?: boolean;
  wide?: boolean;
  icon?: boolean; // it has nothing but an icon, and needs an aria-label
  children: ReactNode;
}

export const buttonClass = (weight: Weight = 'plain', more: {icon?: boolean; wide?: boolean} = {}): string =>
  [css['button'], weight === 'plain' ? '' : css[weight], more.icon ? css['icon'] : '', more.wide ? css['wide'] : ''].filter(Boolean).join(' ');

export function Button({weight = 'plain', busy = false, wide = false, icon = false, type = 'button', onClick, children, ...rest}: ButtonProps) {
  return (
    <button {...rest} type={type} className={buttonClass(weight, {icon, wide})} aria-busy={busy || undefined} onClick={busy ? e => e.preventDefault() : onClick}>
      {children}
    </button>
  );
}
