import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listRefunds, type Refund} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Money} from '../../../domain/Money.tsx';
import {News} from '../../../domain/News.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {common} from '../../../i18n/common.ts';
import {orders} from '../../../i18n/orders.ts';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Page, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {refundFilters, refundQuery} from './filters.ts';

const route = getRouteApi('/$tenant/refunds');

export function RefundList() {
  const t = useText(orders), c = useText(common), words = useText(statusWords), {tenant} = useSession();
  const search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listRefunds(tenant, refundQuery(search))), total = found.data?.total;
  const link = (r: Refund) => <Link to="/$tenant/orders/$order" params={{tenant, order: r.order_id}} title={r.order_id}>{r.order_reference || '…' + r.order_id.slice(-8)}</Link>;
  return (
    <Page title={t.refunds} count={total && c.total(total.count, total.capped)} acts={<ExportButton list="refunds" query={refundQuery(search)} total={total && c.total(total.count, total.capped)} />}>
      <Title of={t.refunds} />
      <Filters fields={[{kind: 'one-of', name: 'status', label: t.status, of: refundFilters.status.values.map(v => [v, words.refund[v]] as const)}, {kind: 'days', name: 'from', label: t.days}]}
        search={search} onChange={to => void navigate({search: print({...search, cursor: undefined, ...to})})} />
      <News of="listRefunds" />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noRefunds} todo={t.noRefundsTodo} /> : <>
          <DataList label={t.refunds} rows={page.data} id={r => r.id} stale={found.isPlaceholderData}
            card={r => ({title: r.reason || r.merchant_of_record_name, figure: <Money fen={r.amount_fen} />, when: <><Time at={r.created_at} /> {link(r)}</>, state: <Status of="refund" is={r.status} />})} columns={[
              {id: 'time', header: t.time, cell: r => <Time at={r.created_at} />, fixed: true},
              {id: 'order', header: t.order, cell: link},
              {id: 'reason', header: t.reason, cell: r => r.failure ? `${r.reason} · ${r.failure}` : r.reason, priority: 2},
              {id: 'merchant', header: t.merchant, cell: r => <Soft>{r.merchant_of_record_name}</Soft>, priority: 3},
              {id: 'origin', header: t.origin, cell: r => r.origin === 'outside' ? t.outside : t.ours, priority: 3},
              {id: 'status', header: t.status, cell: r => <Status of="refund" is={r.status} />},
              {id: 'amount', header: t.amount, cell: r => <Money fen={r.amount_fen} />, align: 'right'},
            ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
