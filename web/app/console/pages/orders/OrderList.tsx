import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listOrders, type Order} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters, type FilterField} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Money} from '../../../domain/Money.tsx';
import {useMerchants} from '../../../domain/names.ts';
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
import {Away, Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {orderFilters, orderQuery} from './filters.ts';

const route = getRouteApi('/$tenant/orders');

export function OrderList() {
  const t = useText(orders), c = useText(common), words = useText(statusWords), {tenant} = useSession();
  const search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listOrders(tenant, orderQuery(search)));
  const payees = useMerchants().all.map(m => [m.id, m.name] as const);
  // Another filter begins at the first page.
  const change = (to: Record<string, string | undefined>) => void navigate({search: print({...search, cursor: undefined, ...to})});
  const fields: FilterField[] = [
    {kind: 'one-of', name: 'status', label: t.status, of: orderFilters.status.values.map(v => [v, words.order[v]] as const)},
    {kind: 'days', name: 'from', label: t.days}, {kind: 'text', name: 'reference', label: t.reference}, {kind: 'text', name: 'trade_no', label: t.trade},
    {kind: 'text', name: 'buyer_contact', label: t.contact}, {kind: 'text', name: 'out_trade_no', label: t.outTrade},
    ...(payees.length > 0 ? [{kind: 'pick', name: 'merchant_of_record_id', label: t.merchant, of: payees} as const] : []),
  ];
  const goods = (o: Order) => o.items.length > 1 ? `${o.items[0]?.product_name} ${t.andMore(o.items.length)}` : o.items[0]?.product_name ?? '';
  const link = (o: Order) => <Link to="/$tenant/orders/$order" params={{tenant, order: o.id}} title={o.id}>{o.reference || '…' + o.id.slice(-8)}</Link>;
  const total = found.data?.total, filtered = Object.keys(search).length > 0;
  return (
    <Page title={t.orders} count={total && c.total(total.count, total.capped)} acts={<ExportButton list="orders" query={orderQuery(search)} total={total && c.total(total.count, total.capped)} />}>
      <Title of={t.orders} />
      <Filters fields={fields} search={search} onChange={change} />
      <News of="listOrders" />
      <Shown of={found}>
        {page => page.data.length === 0
          ? filtered ? <Panel title={t.none} todo={t.noneTodo} /> : <Panel title={t.never} todo={t.neverTodo}><Away button="primary" href="/docs/">{t.toDocs}</Away></Panel>
          : <>
            <DataList label={t.orders} rows={page.data} id={o => o.id} stale={found.isPlaceholderData} card={o => ({title: <>{goods(o)}</>, figure: <Money fen={o.total_fen} />, when: <><Time at={o.created_at} /> {link(o)}</>, state: <Status of="order" is={o.status} />})} columns={[
              {id: 'time', header: t.time, cell: o => <Time at={o.created_at} />, fixed: true},
              {id: 'number', header: t.number, cell: link},
              {id: 'goods', header: t.product, cell: goods, priority: 2},
              {id: 'merchant', header: t.merchant, cell: o => <Soft>{o.merchant_of_record_name}</Soft>, priority: 3},
              {id: 'status', header: t.status, cell: o => <Status of="order" is={o.status} />},
              {id: 'total', header: t.paid, cell: o => <Money fen={o.total_fen} />, align: 'right'},
            ]} />
            <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
          </>}
      </Shown>
    </Page>
  );
}
