import {createLink} from '@tanstack/react-router';
import type {ComponentProps} from 'react';
import {buttonClass, type Weight} from './Button.tsx';
import css from './Link.module.css';

// Link is a link within text; block gives a thumb enough room where it stands alone.
export const Link = createLink(({block = false, ...rest}: ComponentProps<'a'> & {block?: boolean}) => <a {...rest} className={block ? `${css['link']} ${css['block']}` : css['link']} />);

// ButtonLink looks like a button and leads somewhere.
export const ButtonLink = createLink(({weight = 'plain', icon = false, wide = false, ...rest}: ComponentProps<'a'> & {weight?: Weight; icon?: boolean; wide?: boolean}) => <a {...rest} className={buttonClass(weight, {icon, wide})} />);

// Away is a link to another part of the product, which is no page of this one.
export const Away = ({button, ...rest}: ComponentProps<'a'> & {button?: Weight}) => <a {...rest} className={button ? buttonClass(button) : `${css['link']} ${css['block']}`} />;
