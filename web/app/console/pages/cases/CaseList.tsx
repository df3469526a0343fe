import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listCases, type Case} from '../../../api/queries/cases.ts';
import {useSession} from '../../../api/session.ts';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {News} from '../../../domain/News.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {cases} from '../../../i18n/cases.ts';
import {home} from '../../../i18n/home.ts';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Page, Row, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {Choice} from '../../../ui/Tabs.tsx';
import {caseFilters, caseQuery} from './filters.ts';

const route = getRouteApi('/$tenant/cases');

export function CaseList() {
  const t = useText(cases), h = useText(home), words = useText(statusWords), {tenant} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listCases(tenant, caseQuery(search)));
  const link = (k: Case) => <Link to="/$tenant/cases/$case" params={{tenant, case: k.id}}>{h.cases[k.kind] ?? k.kind}</Link>;
  const change = (to: Record<string, string | undefined>) => void navigate({search: print({...search, cursor: undefined, ...to})});
  return (
    <Page title={t.cases} acts={<ExportButton list="cases" query={caseQuery(search)} />}>
      <Title of={t.cases} />
      <Row><Choice label={t.status} of={[['', t.any], ...caseFilters.status.values.map(v => [v, words.case[v]] as const)]} chosen={search['status'] ?? ''} onChoose={v => change({status: v || undefined})} /></Row>
      <Filters fields={[{kind: 'one-of', name: 'kind', label: t.kind, of: caseFilters.kind.values.map(v => [v, h.cases[v]] as const)}]} search={search} onChange={change} />
      <News of="listCases" />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.none} todo={t.noneTodo} /> : <>
          <DataList label={t.cases} rows={page.data} id={k => k.id} stale={found.isPlaceholderData}
            card={k => ({title: link(k), figure: '', when: <Time at={k.created_at} />, state: <Status of="case" is={k.status} />})} columns={[
              {id: 'time', header: t.opened, cell: k => <Time at={k.created_at} />, fixed: true},
              {id: 'kind', header: t.kind, cell: link, fixed: true},
              {id: 'about', header: t.about, cell: k => <Soft><span lang="en">{k.detail}</span></Soft>, priority: 2},
              {id: 'status', header: t.status, cell: k => <Status of="case" is={k.status} />, fixed: true},
            ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
