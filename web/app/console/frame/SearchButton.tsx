import {Search as Glass} from 'lucide-react';
import {frame} from '../../i18n/frame.ts';
import {useText} from '../../i18n/texts.ts';
import css from './Frame.module.css';

export function SearchButton({onOpen}: {onOpen: () => void}) {
  const t = useText(frame);
  return <button type="button" className={css['search']} onClick={onOpen} title={t.search}><Glass size={16} aria-hidden /><span>{t.searchLabel}</span><kbd aria-hidden="true">/</kbd></button>;
}
