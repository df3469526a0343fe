import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listCaseAssignees, listCases, type Case} from '../../../api/queries/cases.ts';
import {useSession} from '../../../api/session.ts';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters, type FilterField} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {yuan} from '../../../domain/money.ts';
import {News} from '../../../domain/News.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time, Waited} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {cases} from '../../../i18n/cases.ts';
import {home} from '../../../i18n/home.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Page, Row, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {Choice} from '../../../ui/Tabs.tsx';
import {caseFilters, caseQuery, waits} from './filters.ts';
import {called} from './names.ts';
import {said} from './said.ts';

const route = getRouteApi('/$tenant/cases');

export function CaseList() {
  const t = useText(cases), h = useText(home), {tenant, can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listCases(tenant, caseQuery(search)));
  const {data: people} = useQuery({...listCaseAssignees(tenant), enabled: can('listCaseAssignees')}), view = search['view'] ?? 'todo', mine = view === 'mine';
  const link = (k: Case) => <Link to="/$tenant/cases/$case" params={{tenant, case: k.id}} search={search}>{h.cases[k.kind] ?? k.kind}</Link>;
  const who = (k: Case) => k.assignee && called(k.assignee.name, k.assignee.id);
  const about = (k: Case) => <Soft>{said(t, k.facts) ?? <span lang="en">{k.detail}</span>}</Soft>;
  const since = (k: Case) => k.status === 'open' ? <Waited since={k.created_at} /> : <Time at={k.closed_at ?? k.created_at} />;
  const change = (to: Record<string, string | undefined>) => void navigate({search: print({...search, cursor: undefined, ...to})});
  const fields: FilterField[] = [
    {kind: 'one-of', name: 'kind', label: t.kind, of: caseFilters.kind.values.map(v => [v, h.cases[v]] as const)},
    {kind: 'pick', name: 'hours', label: t.age, of: waits.map(v => [v, t.ages(Number(v))] as const)},
    ...(mine || people === undefined ? [] : [{kind: 'pick', name: 'assignee', label: t.assignee, of: [['none', t.nobody], ...people.data.map(p => [p.id, called(p.name, p.id)] as const)]} as const]),
  ];
  return (
    <Page title={t.cases} acts={<ExportButton list="cases" query={caseQuery(search)} />}>
      <Title of={t.cases} />
      <Row><Choice label={t.view} of={[['todo', t.views.todo], ['mine', t.views.mine], ['closed', t.views.closed]]} chosen={view} onChoose={v => change({view: v === 'todo' ? undefined : v, ...(v === 'mine' && {assignee: undefined})})} /></Row>
      <Filters fields={fields} search={search} onChange={change} />
      <News of="listCases" />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={mine ? t.noneMine : t.none} todo={mine ? t.noneMineTodo : t.noneTodo} /> : <>
          <DataList label={t.cases} rows={page.data} id={k => k.id} stale={found.isPlaceholderData}
            card={k => ({title: link(k), figure: k.at_risk_fen === undefined ? '' : yuan(k.at_risk_fen), when: <Soft>{since(k)} · {who(k) ?? t.nobody}</Soft>, state: <Status of="case" is={k.status} />})} columns={[
              {id: 'kind', header: t.kind, cell: link, fixed: true},
              {id: 'about', header: t.about, cell: about, priority: 2},
              {id: 'waiting', header: view === 'closed' ? t.closedAt : t.waiting, cell: since, fixed: true},
              {id: 'assignee', header: t.assignee, cell: k => who(k) ?? <Soft>{t.nobody}</Soft>, fixed: true},
              {id: 'risk', header: t.atRisk, align: 'right', cell: k => k.at_risk_fen === undefined ? '' : yuan(k.at_risk_fen), fixed: true},
            ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
