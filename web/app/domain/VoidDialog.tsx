import {useState} from 'react';
import {useAct} from '../api/intent.ts';
import {voidCardKey, voidCardKeyImport} from '../api/queries/catalog.ts';
import {useSession} from '../api/session.ts';
import {Confirm} from './Confirm.tsx';
import {catalog} from '../i18n/catalog.ts';
import {codes} from '../i18n/codes.ts';
import {useText} from '../i18n/texts.ts';
import {LongField} from '../ui/Field.tsx';
import {toast} from '../ui/Toast.tsx';

const reasonMax = 256;

// VoidDialog takes one card key, or what is left of an import, out of the stock for good.
export function VoidDialog({of, onClose}: {of: {batch: string} | {key: string}; onClose: () => void}) {
  const t = useText(catalog), c = useText(codes), {tenant} = useSession(), [reason, setReason] = useState(''), [checked, setChecked] = useState(false), batch = 'batch' in of, id = batch ? of.batch : of.key;
  const act = useAct<void, number | undefined>({
    name: () => `void:${id}:${reason}`, run: async (_, key) => batch ? (await voidCardKeyImport(tenant, id, reason.trim(), key)).voided : (await voidCardKey(tenant, id, reason.trim(), key), undefined),
    touches: ['listCardKeys', 'listCardKeyImports', 'getStock'], done: n => { toast(n === undefined ? t.voided : t.voidedN(n)); onClose(); },
  });
  const send = () => { setChecked(true); if (reason.trim() !== '') act.mutate(); };
  return (
    <Confirm title={batch ? t.voidBatch : t.voidOne} lead={batch ? t.voidBatchLead : t.voidLead} verb={batch ? t.voidBatch : t.voidOne} weight="danger" act={act} go={send} onClose={onClose}>
      <LongField label={t.reason} value={reason} maxLength={reasonMax} required wrong={checked && reason.trim() === '' ? c.fields['required'] : undefined} onChange={e => setReason(e.target.value)} />
    </Confirm>
  );
}
