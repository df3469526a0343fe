import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createProduct, updateProduct, type Product} from '../../../api/queries/catalog.ts';
import {manyMerchants} from '../../../api/queries/merchants.ts';
import {createSplitRule, getSplitRule, listSplitRules} from '../../../api/queries/rules.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {useEdit} from '../../../domain/edit.ts';
import {fenOf, yuan} from '../../../domain/money.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {faultAt} from '../../../domain/problems.ts';
import {catalog} from '../../../i18n/catalog.ts';
import {codes} from '../../../i18n/codes.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {SelectField, TextField} from '../../../ui/Field.tsx';
import {Stack} from '../../../ui/Layout.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';

const nameMax = 120;

// ProductForm makes a product, or changes what can be changed of one: its name, price and rule.
export function ProductForm({product, onClose, onMade}: {product?: Seen<Product>; onClose: () => void; onMade?: (p: Product) => void}) {
  const t = useText(catalog), c = useText(codes), {tenant, can} = useSession();
  const edit = useEdit(product, p => ({name: p?.name ?? '', price: p === undefined ? '' : yuan(p.price_fen).slice(1), rule: p?.split_rule_id ?? ''})), {name, price: typed, rule} = edit.typed, {base, own} = edit;
  const [supplier, setSupplier] = useState(''), [payee, setPayee] = useState(''), [checked, setChecked] = useState(false);
  const rules = useQuery({...listSplitRules(tenant, {limit: 100, status: 'active'}), enabled: can('listSplitRules')}), known = useQuery({...manyMerchants(tenant), enabled: product === undefined && can('listMerchants')});
  const price = fenOf(typed), old = useQuery({...getSplitRule(tenant, base?.split_rule_id ?? ''), enabled: base !== undefined && can('getSplitRule')});
  const act = useAct({
    name: () => `${product === undefined ? 'createProduct' : `updateProduct:${product.id}`}:${name}:${typed}:${rule}:${supplier}:${payee}`,
    run: (fen: number, key) => base === undefined
      ? createProduct(tenant, {name: name.trim(), price_fen: fen, supplier_id: supplier, merchant_of_record_id: payee, split_rule_id: rule}, key)
      : updateProduct(tenant, base, {...(own.name !== undefined && {name: name.trim()}), ...(own.price !== undefined && {price_fen: fen}), ...(own.rule !== undefined && {split_rule_id: rule})}),
    touches: ['getProduct', 'listProducts', 'getGoLiveChecklist'], done: p => { toast(product === undefined ? t.madeDone : t.saved); onClose(); onMade?.(p); },
  });
  const problem = act.error === null ? undefined : asProblem(act.error);
  const wrong = (pointer: string, value: string) => faultAt(problem, pointer, c) ?? (checked && value === '' ? c.fields['required'] : undefined);
  const ready = price !== undefined && name.trim() !== '' && rule !== '' && (product !== undefined || (supplier !== '' && payee !== ''));
  const send = () => { setChecked(true); if (ready) act.mutate(price); };
  const none = ['', t.choose] as const, merchants = (known.data?.data ?? []).map(m => [m.id, m.name] as const);
  // The rule that it has is named, too, when it is none that a product can be given any more.
  const ruleName = (id: string) => rules.data?.data.find(r => r.id === id)?.name ?? (old.data?.id === id ? old.data.name : '…' + id.slice(-8));
  const present = base !== undefined && !rules.data?.data.some(r => r.id === base.split_rule_id) ? [[base.split_rule_id, ruleName(base.split_rule_id)] as const] : [];
  const payees = (known.data?.data ?? []).filter(m => m.status === 'active').map(m => [m.id, m.name] as const);
  return (
    <Confirm title={product === undefined ? t.create : t.edit} {...(product === undefined && {lead: t.createLead})} verb={product === undefined ? t.create : t.save} act={act} over={{edit, names: {name: t.name, price: t.price, rule: t.rule}, say: (of, value) => of === 'rule' ? ruleName(value) : value}} go={send} onClose={onClose}>
      <Stack>
        <TextField label={t.name} value={name} maxLength={nameMax} required wrong={wrong('/name', name.trim())} onChange={e => edit.type({name: e.target.value})} />
        <TextField label={t.price} help={t.priceHelp} value={typed} inputMode="decimal" required wrong={wrong('/price_fen', typed) ?? (checked && price === undefined ? t.notPrice : undefined)} onChange={e => edit.type({price: e.target.value})} />
        {product === undefined && <SelectField label={t.payee} value={payee} wrong={wrong('/merchant_of_record_id', payee)} onChange={e => { setPayee(e.target.value); if (supplier === '') setSupplier(e.target.value); }} of={[none, ...payees]} />}
        {product === undefined && <SelectField label={t.supplier} value={supplier} wrong={wrong('/supplier_id', supplier)} onChange={e => setSupplier(e.target.value)} of={[none, ...merchants]} />}
        {rules.data?.data.length === 0 && can('createSplitRule') && <FirstRule onMade={id => edit.type({rule: id})} />}
        <SelectField label={t.rule} value={rule} wrong={wrong('/split_rule_id', rule)} onChange={e => edit.type({rule: e.target.value})} of={[...(product === undefined ? [none] : present), ...(rules.data?.data ?? []).map(r => [r.id, r.name] as const)]} />
      </Stack>
    </Confirm>
  );
}

const usualRate = 500; // basis points

// FirstRule makes the rule that a platform without any can begin with.
function FirstRule({onMade}: {onMade: (id: string) => void}) {
  const t = useText(catalog), {tenant} = useSession();
  const act = useAct({
    name: () => 'createSplitRule:first', run: (_: void, key) => createSplitRule(tenant, {name: t.firstRuleName, parts: [{receiver: 'platform', rate_bps: usualRate}]}, key), touches: ['listSplitRules'],
    done: r => onMade(r.id),
  });
  return <><Note acts={<Button busy={act.isPending} onClick={() => act.mutate()}>{t.firstRule}</Button>}>{t.noRules}</Note><ProblemNote of={act.error} /></>;
}
