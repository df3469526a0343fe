// A new rule, or a new version of one, with what it would do beside it while it is typed.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi, useNavigate} from '@tanstack/react-router';
import {ArrowLeft, Trash2} from 'lucide-react';
import {useState, type FormEvent} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createSplitRule, getSplitRule, publishSplitRuleVersion, type PartRule, type SplitRule} from '../../../api/queries/rules.ts';
import {useSession} from '../../../api/session.ts';
import {useEdit} from '../../../domain/edit.ts';
import {EditProblem} from '../../../domain/EditProblem.tsx';
import {useMerchants} from '../../../domain/names.ts';
import {faultAt} from '../../../domain/problems.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Title} from '../../../domain/Title.tsx';
import {codes} from '../../../i18n/codes.ts';
import {rules} from '../../../i18n/rules.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {SelectField, TextField} from '../../../ui/Field.tsx';
import {Card, Columns, Page, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {added, faultless, most, partOf, platform, typedOf, type TypedPart} from './parts.ts';
import {saidOf} from './RuleWords.tsx';
import {Simulation} from './Simulation.tsx';

const route = getRouteApi('/$tenant/rules/$rule/new'), nameMax = 80;

export const NewRule = () => <Editor />;

export function NewVersion() {
  const {rule} = route.useParams(), {tenant} = useSession(), found = useQuery(getSplitRule(tenant, rule));
  return <Shown of={found}>{r => <Editor key={r.id} rule={r} />}</Shown>;
}

const first: readonly PartRule[] = [{receiver: 'platform', rate_bps: 500}];
const printed = (parts: readonly PartRule[]) => JSON.stringify(parts.map(typedOf)), parsed = (text: string) => JSON.parse(text) as TypedPart[];
const gives = (p: PartRule) => Boolean(p.rate_bps || p.fixed_fen || p.floor_fen);
const readable = (parts: readonly TypedPart[]) => { const all = parts.map(partOf); return all.every(p => p !== undefined) ? all : undefined; };

function Editor({rule}: {rule?: Seen<SplitRule>}) {
  const t = useText(rules), c = useText(codes), {tenant} = useSession(), navigate = useNavigate(), {nameOf} = useMerchants(), [checked, setChecked] = useState(false);
  const edit = useEdit(rule, r => ({name: r?.name ?? '', parts: printed(r?.parts ?? first)})), {base, own, typed} = edit, parts = parsed(typed.parts), whole = readable(parts), next = (base?.version ?? 0) + 1;
  const act = useAct({
    name: (of: PartRule[]) => `${base === undefined ? 'createSplitRule' : `publishSplitRuleVersion:${base.id}:${next}`}:${typed.name}:${JSON.stringify(of)}`,
    run: (of, key) => base === undefined ? createSplitRule(tenant, {name: typed.name.trim(), parts: of}, key) : publishSplitRuleVersion(tenant, base, of, key),
    touches: ['listSplitRules', 'getSplitRule', 'listSplitRuleVersions'], done: r => { toast(t.published); void navigate({to: '/$tenant/rules/$rule', params: {tenant, rule: r.id}}); },
  });
  const problem = act.error === null ? undefined : asProblem(act.error), same = base !== undefined && own.parts === undefined;
  const send = (e: FormEvent) => {
    e.preventDefault();
    setChecked(true);
    if (whole !== undefined && !same && !act.isPending && (base !== undefined || typed.name.trim() !== '')) act.mutate(whole);
  };
  const change = (to: TypedPart[]) => { if (act.error !== null) act.reset(); edit.type({parts: JSON.stringify(to)}); }, title = base === undefined ? t.create : `${base.name} · ${t.newVersion}`;
  const said = (text: string) => { const of = readable(parsed(text)); return of === undefined ? '' : saidOf(of, t, nameOf); };
  const back = base === undefined ? <Link block to="/$tenant/rules" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.rules}</Link> : <Link block to="/$tenant/rules/$rule" params={{tenant, rule: base.id}}><ArrowLeft size={16} aria-hidden />{base.name}</Link>;
  return (
    <Page title={title} above={<div>{back}</div>}>
      <Title of={title} />
      <Columns of="side">
        <form onSubmit={send} noValidate>
          <Stack>
            {base === undefined && <Card><TextField label={t.name} help={t.nameHelp} value={typed.name} maxLength={nameMax} required wrong={faultAt(problem, '/name', c) ?? (checked && typed.name.trim() === '' ? c.fields['required'] : undefined)} onChange={e => edit.type({name: e.target.value})} /></Card>}
            {parts.map((p, n) => <Part key={p.id} n={n} of={p} all={parts} wrong={field => faultAt(problem, `/parts/${n}/${field}`, c)} checked={checked} onChange={to => change(parts.map(o => o.id === p.id ? to : o))} onRemove={() => change(parts.filter(o => o.id !== p.id))} />)}
            <Card>
              <Row between><Soft>{parts.length === 0 ? t.nothing : t.rest}</Soft>{parts.length < most && <Adder parts={parts} onChange={change} />}</Row>
              <Soft small>{base === undefined ? t.publishLead : t.versionLead(next)}</Soft>
              {checked && same && <Soft>{t.same}</Soft>}
              <EditProblem act={act} edit={edit} names={{name: t.name, parts: t.parts}} say={(field, value) => field === 'parts' ? said(value) : value} />
              <Button weight="primary" type="submit" busy={act.isPending}>{base === undefined ? t.publish : t.publishVersion(next)}</Button>
            </Card>
          </Stack>
        </form>
        <Simulation parts={whole?.every(gives) ? whole : undefined} />
      </Columns>
    </Page>
  );
}

// open are those who can be given a part: the platform, and merchants with a receiving account, each once.
function useOpen(parts: readonly TypedPart[], own?: string): (readonly [string, string])[] {
  const t = useText(rules), {all, nameOf} = useMerchants(), free = (to: string) => to === own || !parts.some(p => p.to === to);
  const named: (readonly [string, string])[] = [[platform, t.platform], ...all.filter(m => m.receiver !== undefined).map(m => [m.id, m.name] as const)];
  return [...named, ...(own !== undefined && !named.some(([id]) => id === own) ? [[own, nameOf(own)] as const] : [])].filter(([id]) => free(id));
}

function Adder({parts, onChange}: {parts: readonly TypedPart[]; onChange: (to: TypedPart[]) => void}) {
  const t = useText(rules), [next] = useOpen(parts);
  return next === undefined ? null : <Button onClick={() => onChange(added(parts, next[0]))}>{t.add}</Button>;
}

interface PartProps {n: number; of: TypedPart; all: readonly TypedPart[]; wrong: (field: keyof PartRule) => string | undefined; checked: boolean; onChange: (to: TypedPart) => void; onRemove: () => void}

function Part({n, of, all, wrong, checked, onChange, onRemove}: PartProps) {
  const t = useText(rules), fields = [['rate', 'rate_bps', t.rate], ['fixed', 'fixed_fen', t.fixed], ['floor', 'floor_fen', t.floor], ['cap', 'cap_fen', t.atMostField]] as const;
  return (
    <Card label={t.part(n + 1)}>
      <Row between><h2>{t.part(n + 1)}</h2><Button weight="quiet" icon aria-label={t.remove(n + 1)} onClick={onRemove}><Trash2 size={16} aria-hidden /></Button></Row>
      <SelectField label={t.receiver} help={t.receiverHelp} value={of.to} wrong={wrong('receiver') ?? wrong('merchant_id')} onChange={e => onChange({...of, to: e.target.value})} of={useOpen(all, of.to)} />
      <Columns of="four">{fields.map(([field, pointer, label]) => (
        <TextField key={field} label={label} value={of[field]} inputMode="decimal" autoComplete="off" wrong={wrong(pointer) ?? (checked && !faultless(field, of[field]) ? field === 'rate' ? t.badRate : t.badAmount : undefined)} onChange={e => onChange({...of, [field]: e.target.value})} />
      ))}</Columns>
    </Card>
  );
}
