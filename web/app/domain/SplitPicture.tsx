import {money} from '../i18n/money.ts';
import {useText} from '../i18n/texts.ts';
import {Share} from '../ui/chart/Share.tsx';
import {Soft} from '../ui/Layout.tsx';
import {yuan} from './money.ts';

export interface PicturePart {id: string; name: string; words?: string | undefined; fen: number}

// SplitPicture is who gets how much of a payment, to the fen; what nobody else gets is the merchant of record's.
export function SplitPicture({label, parts, kept, payee}: {label: string; parts: readonly PicturePart[]; kept: number; payee?: string}) {
  const t = useText(money), named = ({name, words}: Pick<PicturePart, 'name' | 'words'>) => words ? <>{name} <Soft small>{words}</Soft></> : name;
  return (
    <Share label={label} columns={[t.party, t.amount]} total={{name: t.sum, figures: [yuan(parts.reduce((sum, p) => sum + p.fen, kept))]}} of={[
      ...parts.map(p => ({id: p.id, name: named(p), size: p.fen, figures: [yuan(p.fen)]})),
      {id: 'kept', name: named({name: payee ?? t.merchant, words: t.rest}), size: kept, rest: true, figures: [yuan(kept)]},
    ]} />
  );
}
