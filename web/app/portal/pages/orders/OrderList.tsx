import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listOrders, type Order} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters, type FilterField} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Money} from '../../../domain/Money.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {common} from '../../../i18n/common.ts';
import {portalOrders} from '../../../i18n/portalOrders.ts';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Page} from '../../../ui/Layout.tsx';
import {ButtonLink, Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {orderFilters, orderQuery} from './filters.ts';

const route = getRouteApi('/$tenant/orders'), lookEvery = 30_000;

export function OrderList() {
  const t = useText(portalOrders), c = useText(common), words = useText(statusWords), {tenant} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate();
  const found = useQuery({...listOrders(tenant, orderQuery(search)), refetchInterval: lookEvery}), total = found.data?.total;
  const fields: FilterField[] = [
    {kind: 'one-of', name: 'status', label: t.status, of: orderFilters.status.values.map(v => [v, words.order[v]] as const)},
    {kind: 'days', name: 'from', label: t.days}, {kind: 'text', name: 'reference', label: t.reference}, {kind: 'text', name: 'trade_no', label: t.trade},
  ];
  const goods = (o: Order) => [o.items[0]?.product_name ?? '', ...(o.items.length > 1 ? [t.andMore(o.items.length)] : [])].join(' ');
  const link = (o: Order) => <Link to="/$tenant/orders/$order" params={{tenant, order: o.id}} title={o.id}>{o.reference || '…' + o.id.slice(-8)}</Link>;
  return (
    <Page title={t.orders} count={total && c.total(total.count, total.capped)} acts={<ExportButton list="orders" query={orderQuery(search)} total={total && c.total(total.count, total.capped)} />}>
      <Title of={t.orders} />
      <Filters fields={fields} search={search} onChange={to => void navigate({search: print({...search, cursor: undefined, ...to})})} />
      <Shown of={found}>
        {page => page.data.length === 0
          ? Object.keys(search).length > 0 ? <Panel title={t.none} todo={t.noneTodo} /> : <Panel title={t.never} todo={t.neverTodo}><ButtonLink to="/$tenant/money" params={{tenant}}>{t.toMoney}</ButtonLink></Panel>
          : <>
            <DataList label={t.orders} rows={page.data} id={o => o.id} stale={found.isPlaceholderData} card={o => ({title: <>{goods(o)}</>, figure: <Money fen={o.total_fen} />, when: <><Time at={o.created_at} /> {link(o)}</>, state: <Status of="order" is={o.status} />})} columns={[
              {id: 'time', header: t.time, cell: o => <Time at={o.created_at} />, fixed: true},
              {id: 'number', header: t.number, cell: link},
              {id: 'goods', header: t.product, cell: goods, priority: 2},
              {id: 'status', header: t.status, cell: o => <Status of="order" is={o.status} />},
              {id: 'total', header: t.amount, cell: o => <Money fen={o.total_fen} />, align: 'right'},
            ]} />
            <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
          </>}
      </Shown>
    </Page>
  );
}
