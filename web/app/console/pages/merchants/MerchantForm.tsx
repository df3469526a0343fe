import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createApproval} from '../../../api/queries/approvals.ts';
import {createMerchant, updateMerchant, type Merchant} from '../../../api/queries/merchants.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {useEdit} from '../../../domain/edit.ts';
import {faultAt} from '../../../domain/problems.ts';
import {codes} from '../../../i18n/codes.ts';
import {merchants} from '../../../i18n/merchants.ts';
import {useText} from '../../../i18n/texts.ts';
import {SelectField, TextField} from '../../../ui/Field.tsx';
import {Stack} from '../../../ui/Layout.tsx';
import {toast} from '../../../ui/Toast.tsx';

const nameMax = 128, accountMax = 100;
const touches = ['getMerchant', 'listMerchants', 'getMerchantOverview', 'listApprovals'] as const;

// MerchantForm makes a merchant, or changes the name and the contact of one.
export function MerchantForm({merchant, onClose, onMade}: {merchant?: Seen<Merchant>; onClose: () => void; onMade?: (m: Merchant) => void}) {
  const t = useText(merchants), c = useText(codes), {tenant} = useSession();
  const [kind, setKind] = useState<Merchant['kind']>('supplier'), edit = useEdit(merchant, m => ({name: m?.name ?? '', contact: m?.contact ?? ''})), {name, contact} = edit.typed, {base, own} = edit;
  const act = useAct({
    name: () => `${merchant === undefined ? 'createMerchant' : `updateMerchant:${merchant.id}`}:${kind}:${name}:${contact}`,
    run: (_: void, key) => base === undefined ? createMerchant(tenant, {kind, name: name.trim(), ...(contact.trim() !== '' && {contact: contact.trim()})}, key)
      : updateMerchant(tenant, base, {...(own.name !== undefined && {name: name.trim()}), ...(own.contact !== undefined && {contact: contact.trim()})}),
    touches, done: m => { toast(merchant === undefined ? t.madeDone : t.saved); onClose(); onMade?.(m); },
  });
  const problem = act.error === null ? undefined : asProblem(act.error), wrong = (pointer: string) => faultAt(problem, pointer, c);
  return (
    <Confirm title={merchant === undefined ? t.create : t.edit} {...(merchant === undefined && {lead: t.createLead})} verb={merchant === undefined ? t.create : t.save} act={act} over={{edit, names: {name: t.name, contact: t.contact}}} go={() => act.mutate()} onClose={onClose}>
      <Stack>
        {merchant === undefined && <SelectField label={t.kind} value={kind} onChange={e => setKind(e.target.value === 'distributor' ? 'distributor' : 'supplier')} of={[['supplier', t.kinds.supplier], ['distributor', t.kinds.distributor]]} />}
        <TextField label={t.name} value={name} maxLength={nameMax} required wrong={wrong('/name')} onChange={e => edit.type({name: e.target.value})} />
        <TextField label={t.contact} help={t.contactHelp} value={contact} maxLength={nameMax} wrong={wrong('/contact')} onChange={e => edit.type({contact: e.target.value})} />
      </Stack>
    </Confirm>
  );
}

// ReceiverForm sets the account that receives a merchant's parts. Another account in place of one is for a second person to approve.
export function ReceiverForm({merchant, onClose}: {merchant: Seen<Merchant>; onClose: () => void}) {
  const t = useText(merchants), c = useText(codes), {tenant} = useSession(), edit = useEdit(merchant, m => ({receiver: m.receiver?.account ?? ''})), another = edit.base.receiver !== undefined;
  const [type, setType] = useState<'userId' | 'loginName'>('userId'), [account, setAccount] = useState('');
  const receiver = {type, account: account.trim()};
  const act = useAct<void, unknown>({
    name: () => `receiver:${merchant.id}:${type}:${account}`,
    run: (_, key) => another ? createApproval(tenant, {kind: 'receiver_change', receiver_change: {merchant_id: merchant.id, receiver}}, key) : updateMerchant(tenant, edit.base, {receiver}),
    touches, done: () => { toast(another ? t.asked : t.saved); onClose(); },
  });
  const problem = act.error === null ? undefined : asProblem(act.error);
  return (
    <Confirm title={another ? t.changeReceiver : t.setReceiver} lead={another ? t.changeLead : t.setLead} verb={another ? t.submitChange : t.save} act={act} over={{edit, names: {receiver: t.receiver}}} go={() => { if (receiver.account !== '') act.mutate(); }} onClose={onClose}>
      <Stack>
        <SelectField label={t.receiverType} value={type} onChange={e => setType(e.target.value === 'loginName' ? 'loginName' : 'userId')} of={[['userId', t.userId], ['loginName', t.loginName]]} />
        <TextField label={t.account} value={account} maxLength={accountMax} required spellCheck={false} autoCapitalize="none" autoComplete="off" wrong={faultAt(problem, another ? '/receiver_change/receiver/account' : '/receiver/account', c)} onChange={e => setAccount(e.target.value)} />
      </Stack>
    </Confirm>
  );
}
