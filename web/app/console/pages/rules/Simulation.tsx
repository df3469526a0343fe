// What parts do to a payment, while somebody types them. The answer before stays until there is another one.
import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import {simulateSplitRule, type PartRule, type Simulated} from '../../../api/queries/rules.ts';
import {useSession} from '../../../api/session.ts';
import {fenOf, percent, yuan} from '../../../domain/money.ts';
import {useMerchants} from '../../../domain/names.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {useRested} from '../../../domain/rested.ts';
import {SplitPicture} from '../../../domain/SplitPicture.tsx';
import {rules} from '../../../i18n/rules.ts';
import {useText} from '../../../i18n/texts.ts';
import {TextField} from '../../../ui/Field.tsx';
import {Card, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Mark} from '../../../ui/Mark.tsx';
import {Progress} from '../../../ui/Panel.tsx';
import {platform, receiverOf, wordsOf} from './parts.ts';

const restFor = 250, usual = '100.00', small = [1, 999], whole = 1_000;

// useSimulation is the newest answer; undefined parts are such as cannot be read yet.
function useSimulation(parts: readonly PartRule[] | undefined, amounts: readonly number[]): {shown: Simulated | undefined; error: Error | null; waits: boolean} {
  const {tenant, can} = useSession(), wanted = parts === undefined || amounts.length === 0 ? '' : JSON.stringify({parts, amounts_fen: amounts});
  const asked = useRested(wanted, restFor), [kept, setKept] = useState<Simulated>();
  const {data, error} = useQuery({...simulateSplitRule(tenant, JSON.parse(asked || '{"parts":[],"amounts_fen":[]}') as Parameters<typeof simulateSplitRule>[1]), enabled: asked !== '' && can('simulateSplitRule')});
  if (data !== undefined && data !== kept) setKept(data);
  return {shown: data ?? kept, error: asked === '' ? null : error, waits: asked !== wanted};
}

function Picture({of, label, at = 0}: {of: Simulated; label: string; at?: number}) {
  const t = useText(rules), {nameOf} = useMerchants(), payment = of.payments[at];
  if (payment === undefined) return null;
  if (payment.parts_fen.length < of.parts.length) return <Mark look={['risk', 'cross']}>{t.tooMuch}</Mark>;
  return <SplitPicture label={label} kept={payment.kept_fen} parts={of.parts.map((p, n) => {
    const to = receiverOf(p);
    return {id: `${to}${n}`, name: to === platform ? t.platform : nameOf(to), words: wordsOf(p, t), fen: payment.parts_fen[n] ?? 0};
  })} />;
}

// VersionPicture is what the parts of one version do to a payment.
export function VersionPicture({parts, amount, label}: {parts: readonly PartRule[]; amount: number | undefined; label: string}) {
  const {shown, error} = useSimulation(parts, amount === undefined ? [] : [amount]);
  return <>{error !== null && <ProblemNote of={error} />}{shown && <Picture of={shown} label={label} />}</>;
}

export function AmountField({typed, onChange}: {typed: string; onChange: (to: string) => void}) {
  const t = useText(rules), bad = fenOf(typed) === undefined || fenOf(typed) === 0;
  return <TextField label={t.amount} help={t.amountHelp} value={typed} inputMode="decimal" wrong={bad && typed !== '' ? t.badAmount : undefined} onChange={e => onChange(e.target.value)} />;
}

export const useAmount = () => {
  const [typed, setTyped] = useState(usual), fen = fenOf(typed);
  return {typed, setTyped, fen: fen === 0 ? undefined : fen};
};

export function Simulation({parts}: {parts: readonly PartRule[] | undefined}) {
  const t = useText(rules), {typed, setTyped, fen} = useAmount(), {shown, error, waits} = useSimulation(parts, fen === undefined ? [] : [fen, ...small.filter(s => s !== fen)]);
  return (
    <Card label={t.simulation}>
      <h2>{t.simulation}</h2>
      <AmountField typed={typed} onChange={setTyped} />
      {shown === undefined ? error === null && <Soft>{t.incomplete}</Soft> : <div aria-busy={waits || undefined}><Answer of={shown} /></div>}
      <ProblemNote of={error} />
    </Card>
  );
}

function Answer({of}: {of: Simulated}) {
  const t = useText(rules), {max_split_bps: cap, rates_bps: rates, payments: [first, ...others]} = of;
  if (first === undefined) return null;
  return (
    <Stack>
      <Picture of={of} label={t.of} />
      <Stack tight>
        <Soft small>{t.shareOf(percent(rates), percent(cap))}</Soft>
        <Progress label={t.shareOf(percent(rates), percent(cap))} of={cap === 0 ? 0 : Math.min(whole, Math.round(rates * whole / cap))} />
        <div>{rates > cap ? <Mark look={['risk', 'cross']} wrap>{t.above(percent(cap))}</Mark> : first.above_cap ? <Mark look={['act', 'triangle']} wrap>{t.paymentAbove(yuan(first.amount_fen))}</Mark> : <Mark look={['good', 'check']} wrap>{t.fits}</Mark>}</div>
      </Stack>
      {others.length > 0 && <Stack tight><Soft small>{t.others}</Soft><Lines label={t.others} of={others.map(p => ({
        id: String(p.amount_fen), what: yuan(p.amount_fen), end: p.above_cap ? <Mark look={['act', 'triangle']} wrap>{t.paymentAbove(yuan(p.amount_fen))}</Mark> : [...p.parts_fen, p.kept_fen].map(yuan).join(' · '),
      }))} /></Stack>}
    </Stack>
  );
}
