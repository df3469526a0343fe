// One rule: who gets what by it, its versions, and any two of them beside each other.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {archiveSplitRule, getSplitRule, listSplitRuleVersions, unarchiveSplitRule, type RuleVersion, type SplitRule} from '../../../api/queries/rules.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Id} from '../../../domain/Id.tsx';
import {percent} from '../../../domain/money.ts';
import {useMerchants} from '../../../domain/names.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {rules} from '../../../i18n/rules.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {SelectField} from '../../../ui/Field.tsx';
import {Card, Columns, Facts, First, Page, Row, Soft, Stack, Strong} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {ButtonLink, Link} from '../../../ui/Link.tsx';
import {Tag} from '../../../ui/Mark.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {Changes, saidOf} from './RuleWords.tsx';
import {AmountField, Simulation, useAmount, VersionPicture} from './Simulation.tsx';

const route = getRouteApi('/$tenant/rules/$rule');

export function RulePage() {
  const {rule} = route.useParams(), {tenant} = useSession(), t = useText(rules), found = useQuery(getSplitRule(tenant, rule));
  return <><Title of={found.data?.name ?? t.rule} /><Shown of={found}>{r => <Shape key={r.id} rule={r} />}</Shown></>;
}

function Shape({rule: r}: {rule: SplitRule}) {
  const t = useText(rules), {tenant, can} = useSession(), [asking, setAsking] = useState(false), active = r.status === 'active', {nameOf} = useMerchants();
  const versions = useQuery({...listSplitRuleVersions(tenant, r.id), enabled: can('listSplitRuleVersions')});
  return (
    <Page above={<div><Link block to="/$tenant/rules" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.rules}</Link></div>} title={r.name} count={<Status of="rule" is={r.status} />}
      acts={<>
        {active ? can('archiveSplitRule') && <Button onClick={() => setAsking(true)}>{t.archive}</Button> : can('unarchiveSplitRule') && <Button weight="primary" onClick={() => setAsking(true)}>{t.unarchive}</Button>}
        {active && can('publishSplitRuleVersion') && <ButtonLink weight="primary" to="/$tenant/rules/$rule/new" params={{tenant, rule: r.id}}>{t.newVersion}</ButtonLink>}
      </>}>
      <Columns of="side">
        <Stack>
          <Card>
            <h2>{t.versions}</h2>
            <Shown of={versions}>{({data}) => <Lines label={t.versions} of={data.map(v => ({
              id: v.id, end: <Soft small><Time at={v.created_at} /></Soft>,
              what: <Stack tight><Row><Strong>{t.numbered(v.version)}</Strong>{v.version === r.version && active && <Tag tone="good">{t.inForce}</Tag>}</Row><Soft>{saidOf(v.parts, t, nameOf)}</Soft></Stack>,
            }))} />}</Shown>
          </Card>
          {versions.data && versions.data.data.length > 1 && <Compare versions={versions.data.data} />}
        </Stack>
        <First>
          {can('simulateSplitRule') && <Simulation parts={r.parts} />}
          <Card>
            <h2>{t.facts}</h2>
            <Facts of={[[t.version, t.numbered(r.version)], [t.cap, percent(r.max_split_bps)], [t.created, <Time key="c" at={r.created_at} />], [t.id, <Id key="i" id={r.id} label={t.id} />]]} />
          </Card>
        </First>
      </Columns>
      {asking && <StateDialog rule={r} onClose={() => setAsking(false)} />}
    </Page>
  );
}

// Compare shows any two versions, the later one on the right unless somebody wants it otherwise. Which, stands in the address.
function Compare({versions}: {versions: readonly RuleVersion[]}) {
  const t = useText(rules), {can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), {typed, setTyped, fen} = useAmount();
  const of = (name: 'a' | 'b', or: number) => versions.find(v => String(v.version) === search[name]) ?? versions[or], before = of('a', 1), after = of('b', 0);
  if (before === undefined || after === undefined) return null;
  const pick = (name: 'a' | 'b', label: string, v: RuleVersion) => <SelectField label={label} value={String(v.version)} of={versions.map(o => [String(o.version), t.numbered(o.version)] as const)}
    onChange={e => void navigate({search: print({a: String(before.version), b: String(after.version), [name]: e.target.value}), replace: true})} />;
  return (
    <Card label={t.compare}>
      <h2>{t.compare}</h2>
      <Columns of="two">{pick('a', t.from, before)}{pick('b', t.to, after)}</Columns>
      <Changes before={before.parts} after={after.parts} />
      {can('simulateSplitRule') && before.id !== after.id && <>
        <AmountField typed={typed} onChange={setTyped} />
        <Columns of="two">{[before, after].map(v => <Stack key={v.id} tight><Strong>{t.numbered(v.version)}</Strong><VersionPicture parts={v.parts} amount={fen} label={t.numbered(v.version)} /></Stack>)}</Columns>
      </>}
    </Card>
  );
}

function StateDialog({rule: r, onClose}: {rule: SplitRule; onClose: () => void}) {
  const t = useText(rules), {tenant} = useSession(), [off] = useState(r.status === 'active');
  const act = useAct({
    name: () => `${off ? 'archive' : 'unarchive'}SplitRule:${r.id}`, run: (_: void, key) => off ? archiveSplitRule(tenant, r.id, key) : unarchiveSplitRule(tenant, r.id, key),
    touches: ['getSplitRule', 'listSplitRules'], done: () => { toast(off ? t.archived : t.unarchived); onClose(); },
  });
  return <Confirm title={off ? t.archive : t.unarchive} lead={off ? t.archiveLead : t.unarchiveLead} verb={off ? t.archive : t.unarchive} weight={off ? 'danger' : 'primary'} act={act} go={() => act.mutate()} onClose={onClose} />;
}
