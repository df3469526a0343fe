import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listSplitRules, type SplitRule} from '../../../api/queries/rules.ts';
import {useSession} from '../../../api/session.ts';
import {print, type Search} from '../../../domain/filters.ts';
import {useMerchants} from '../../../domain/names.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {rules} from '../../../i18n/rules.ts';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Page, Row, Soft} from '../../../ui/Layout.tsx';
import {ButtonLink, Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {Choice} from '../../../ui/Tabs.tsx';
import {ruleFilters, ruleQuery} from './filters.ts';
import {saidOf} from './RuleWords.tsx';

const route = getRouteApi('/$tenant/rules');

export function RuleList() {
  const t = useText(rules), words = useText(statusWords), {tenant, can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listSplitRules(tenant, ruleQuery(search))), {nameOf} = useMerchants();
  const link = (r: SplitRule) => <Link to="/$tenant/rules/$rule" params={{tenant, rule: r.id}}>{r.name}</Link>;
  const create = can('createSplitRule') && <ButtonLink weight="primary" to="/$tenant/rules/new" params={{tenant}}>{t.create}</ButtonLink>;
  return (
    <Page title={t.rules} acts={create}>
      <Title of={t.rules} />
      <Row><Choice label={t.status} of={[['', t.any], ...ruleFilters.status.values.map(v => [v, words.rule[v]] as const)]} chosen={search['status'] ?? ''} onChoose={v => void navigate({search: print({status: v || undefined})})} /></Row>
      <Shown of={found}>
        {page => page.data.length === 0 ? Object.keys(search).length > 0 ? <Panel title={t.none} todo={t.noneTodo} /> : <Panel title={t.never} todo={t.neverTodo}>{create}</Panel> : <>
          <DataList label={t.rules} rows={page.data} id={r => r.id} stale={found.isPlaceholderData}
            card={r => ({title: link(r), figure: t.numbered(r.version), when: <Soft>{saidOf(r.parts, t, nameOf)}</Soft>, state: <Status of="rule" is={r.status} />})} columns={[
              {id: 'name', header: t.name, cell: link},
              {id: 'parts', header: t.parts, cell: r => saidOf(r.parts, t, nameOf), priority: 2},
              {id: 'version', header: t.version, cell: r => t.numbered(r.version), fixed: true},
              {id: 'time', header: t.created, cell: r => <Time at={r.created_at} />, priority: 3, fixed: true},
              {id: 'status', header: t.status, cell: r => <Status of="rule" is={r.status} />},
            ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
