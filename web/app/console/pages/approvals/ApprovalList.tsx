import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listApprovals, type Approval} from '../../../api/queries/approvals.ts';
import {useSession} from '../../../api/session.ts';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {yuan} from '../../../domain/money.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {work} from '../../../i18n/work.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Page, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {approvalFilters, approvalQuery} from './filters.ts';

const route = getRouteApi('/$tenant/approvals');

export function ApprovalList() {
  const t = useText(work), words = useText(statusWords), {tenant} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listApprovals(tenant, approvalQuery(search)));
  const link = (a: Approval) => <Link to="/$tenant/approvals/$approval" params={{tenant, approval: a.id}}>{t.acts[a.kind] ?? a.kind}</Link>;
  const amount = (a: Approval) => a.amount_fen === undefined ? '' : yuan(a.amount_fen);
  return (
    <Page title={t.approvals}>
      <Title of={t.approvals} />
      <Filters fields={[
        {kind: 'one-of', name: 'status', label: t.status, of: approvalFilters.status.values.map(v => [v, words.approval[v]] as const)},
        {kind: 'one-of', name: 'kind', label: t.act, of: approvalFilters.kind.values.map(v => [v, t.acts[v]] as const)},
      ]} search={search} onChange={to => void navigate({search: print({...search, cursor: undefined, ...to})})} />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noApprovals} todo={t.noApprovalsTodo} /> : <>
          <DataList label={t.approvals} rows={page.data} id={a => a.id} stale={found.isPlaceholderData}
            card={a => ({title: link(a), figure: amount(a), when: <Time at={a.asked_at} />, state: <Status of="approval" is={a.status} />})} columns={[
              {id: 'time', header: t.asked, cell: a => <Time at={a.asked_at} />, fixed: true},
              {id: 'act', header: t.act, cell: link},
              {id: 'reason', header: t.reason, cell: a => <Soft>{a.refund?.reason ?? a.refusal_reason ?? ''}</Soft>, priority: 2},
              {id: 'expires', header: t.expires, cell: a => <Time at={a.expires_at} />, priority: 3, fixed: true},
              {id: 'status', header: t.status, cell: a => <Status of="approval" is={a.status} />},
              {id: 'amount', header: t.amount, cell: amount, align: 'right'},
            ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
