import {common} from '../../i18n/common.ts';
import {frame} from '../../i18n/frame.ts';
import {useText} from '../../i18n/texts.ts';
import {prefs, usePrefs} from '../../prefs.ts';
import {Button} from '../../ui/Button.tsx';
import {Dialog} from '../../ui/Dialog.tsx';
import {Check} from '../../ui/Field.tsx';
import css from './Frame.module.css';

export function Help({onClose}: {onClose: () => void}) {
  const t = useText(frame), c = useText(common), {keys} = usePrefs();
  return (
    <Dialog open onClose={onClose} title={t.keys} acts={<Button onClick={onClose}>{c.close}</Button>}>
      <dl className={css['keys']}>{t.keyList.map(([key, what]) => [<dt key={key}>{key}</dt>, <dd key={what}>{what}</dd>])}</dl>
      <Check label={t.keysOn} checked={keys} onChange={e => prefs.set({keys: e.target.checked})} />
    </Dialog>
  );
}
