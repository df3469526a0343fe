// What the system did not decide alone: what is known of it, and what a person decides.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {closeCase, getCase, type Case} from '../../../api/queries/cases.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {Id} from '../../../domain/Id.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {yuan} from '../../../domain/money.ts';
import type {Search} from '../../../domain/filters.ts';
import {Time, Waited} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {cases} from '../../../i18n/cases.ts';
import {codes} from '../../../i18n/codes.ts';
import {home} from '../../../i18n/home.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {LongField} from '../../../ui/Field.tsx';
import {Big, Card, Columns, Facts, Page, Row, Soft, Stack, Text} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Link} from '../../../ui/Link.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {called} from './names.ts';
import {Review} from './Review.tsx';
import {said} from './said.ts';
import {Walk} from './Walk.tsx';
import {AssignDialog, AssignMe, Notes} from './Work.tsx';

const route = getRouteApi('/$tenant/cases/$case');

export function CasePage() {
  const {case: id} = route.useParams(), search: Search = route.useSearch(), {tenant} = useSession(), t = useText(cases), found = useQuery(getCase(tenant, id));
  return <><Title of={t.case} /><Shown of={found}>{k => <Shape key={k.id} of={k} search={search} />}</Shown></>;
}

function Shape({of: k, search}: {of: Case; search: Search}) {
  const t = useText(cases), h = useText(home), {tenant, can} = useSession(), [doing, setDoing] = useState<'close' | 'assign'>(), order = k.order_id, open = k.status === 'open', assign = open && can('assignCase');
  const tell = (f: Case['facts'], detail: string) => said(t, f) ?? <span lang="en">{detail}</span>;
  return (
    <Page above={<Row between><Link block to="/$tenant/cases" params={{tenant}} search={search}><ArrowLeft size={16} aria-hidden />{t.cases}</Link><Walk id={k.id} search={search} /></Row>} title={h.cases[k.kind] ?? k.kind} count={<Status of="case" is={k.status} />}
      acts={<>{assign && <AssignMe of={k} />}{assign && can('listCaseAssignees') && <Button onClick={() => setDoing('assign')}>{t.assign}</Button>}{open && can('closeCase') && <Button weight="primary" onClick={() => setDoing('close')}>{t.close}</Button>}</>}>
      <Columns of="side">
        <Stack>
          <Card>
            <h2>{t.about}</h2>
            {k.at_risk_fen !== undefined && <><Soft small>{t.atRisk}</Soft><Big>{yuan(k.at_risk_fen)}</Big></>}
            <Text>{tell(k.facts, k.detail)}</Text>
            {k.latest_details.length > 0 && <><Soft small>{t.latest}</Soft><Lines label={t.latest} of={k.latest_details.map((d, n) => ({id: String(n), what: tell(k.latest_facts[n], d)}))} /></>}
          </Card>
          {order !== undefined && can('getOrder') && <Review order={order} />}
          <Notes of={k} />
        </Stack>
        <Card>
          <h2>{t.facts}</h2>
          <Facts of={[
            [t.order, order && <Link block to="/$tenant/orders/$order" params={{tenant, order}}>{'…' + order.slice(-8)}</Link>], [t.assignee, k.assignee ? called(k.assignee.name, k.assignee.id) : t.nobody], [t.since, k.assignee && k.assigned_at && <Time at={k.assigned_at} />], [t.waiting, open && <Waited since={k.created_at} />], [t.opened, <Time key="o" at={k.created_at} />], [t.closedAt, k.closed_at && <Time at={k.closed_at} />],
            [t.times, k.occurrences > 1 && t.n(k.occurrences)], [t.last, k.last_seen_at && <Time at={k.last_seen_at} />], [t.id, <Id key="i" id={k.id} label={t.id} />],
          ]} />
        </Card>
      </Columns>
      {doing === 'close' && <CloseDialog of={k} onClose={() => setDoing(undefined)} />}
      {doing === 'assign' && <AssignDialog of={k} onClose={() => setDoing(undefined)} />}
    </Page>
  );
}

const noteMax = 256;

function CloseDialog({of: k, onClose}: {of: Case; onClose: () => void}) {
  const t = useText(cases), c = useText(codes), {tenant} = useSession(), [note, setNote] = useState(''), [checked, setChecked] = useState(false);
  const act = useAct({name: () => `closeCase:${k.id}:${note}`, run: (_: void, key) => closeCase(tenant, k.id, note.trim(), key), touches: ['getCase', 'listCases', 'listTodos', 'getOrderTimeline'], done: () => { toast(t.closed); onClose(); }});
  const send = () => { setChecked(true); if (note.trim() !== '') act.mutate(); };
  return (
    <Confirm title={t.close} lead={t.closeLead} verb={t.close} act={act} go={send} onClose={onClose}>
      <LongField label={t.note} help={t.noteHelp} value={note} maxLength={noteMax} required wrong={checked && note.trim() === '' ? c.fields['required'] : undefined} onChange={e => setNote(e.target.value)} />
    </Confirm>
  );
}
