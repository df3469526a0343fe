// One order that was paid to the merchant: what happened, and what of its money is theirs.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {getOrder, getOrderSplit, listOrderRefunds, type Order} from '../../../api/queries/orders.ts';
import {useMerchant, useSession} from '../../../api/session.ts';
import {Id} from '../../../domain/Id.tsx';
import {yuan} from '../../../domain/money.ts';
import {OrderHistory} from '../../../domain/OrderHistory.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {portalOrders} from '../../../i18n/portalOrders.ts';
import {useText} from '../../../i18n/texts.ts';
import {Big, Card, Columns, Facts, First, Page, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Link} from '../../../ui/Link.tsx';

const route = getRouteApi('/$tenant/orders/$order');

export function OrderPage() {
  const t = useText(portalOrders), {order: id} = route.useParams(), {tenant} = useSession(), found = useQuery(getOrder(tenant, id)), shown = <Shown of={found}>{order => <Shape key={order.id} order={order} />}</Shown>;
  return <><Title of={found.data?.reference || t.order} />{found.data ? shown : <Page title={t.order}>{shown}</Page>}</>;
}

function Shape({order}: {order: Order}) {
  const t = useText(portalOrders), {tenant, can} = useSession();
  return (
    <Page above={<div><Link block to="/$tenant/orders" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.orders}</Link></div>} title={<Big>{yuan(order.total_fen)}</Big>} count={<Status of="order" is={order.status} />}>
      <Soft>{[order.items.map(i => t.items(i.product_name, i.quantity)).join(' · '), order.reference].filter(Boolean).join(' · ')}</Soft>
      <Columns of="side">
        <Stack>{can('getOrderTimeline') && <OrderHistory order={order.id} />}</Stack>
        <First>
          <Share order={order} />
          {can('listOrderRefunds') && order.refunded_fen > 0 && <Refunds order={order.id} />}
          <Card>
            <h2>{t.bought}</h2>
            <Lines label={t.bought} of={order.items.map((i, n) => ({id: `${i.product_id}${n}`, what: t.items(i.product_name, i.quantity), end: <Stack tight><span>{yuan(i.amount_fen)}</span><Status of="delivery" is={i.delivery} /></Stack>}))} />
          </Card>
          <Card>
            <h2>{t.facts}</h2>
            <Facts of={[
              [t.buyer, order.buyer_contact], [t.created, <Time key="c" at={order.created_at} />], [t.paidAt, order.paid_at && <Time at={order.paid_at} />], [t.deliveredAt, order.delivered_at && <Time at={order.delivered_at} />],
              [t.closedAt, order.closed_at && <Time at={order.closed_at} />], [t.reference, order.reference && <Id id={order.reference} label={t.reference} full />], [t.id, <Id key="i" id={order.id} label={t.id} />],
              [t.trade, order.payment?.trade_no && <Id id={order.payment.trade_no} label={t.trade} full />],
            ]} />
          </Card>
        </First>
      </Columns>
    </Page>
  );
}

// Share is what of the buyer's money stays with the merchant, and what goes on.
function Share({order}: {order: Order}) {
  const t = useText(portalOrders), {tenant, can} = useSession(), mine = useMerchant();
  const {data: split} = useQuery({...getOrderSplit(tenant, order.id), enabled: order.paid_at !== undefined && can('getOrderSplit'), retry: false});
  return (
    <Card>
      <h2>{t.share}</h2>
      <Lines label={t.share} of={[
        {id: 'total', what: t.total, end: yuan(order.total_fen)},
        ...(order.refunded_fen > 0 ? [{id: 'refunded', what: t.refunded, end: yuan(-order.refunded_fen)}] : []),
        ...(split?.parts ?? []).map((p, n) => ({id: `part${n}`, what: <>{p.receiver === 'platform' ? t.platform : p.merchant_id === mine ? t.you : t.another} {p.returned_fen > 0 && <Soft small>{t.returned(yuan(p.returned_fen))}</Soft>}</>, end: yuan(-p.amount_fen)})),
        ...(split ? [{id: 'kept', what: <strong>{t.kept}</strong>, end: <strong>{yuan(split.kept_fen)}</strong>}] : []),
      ]} />
      {split === undefined ? <Soft small>{t.noSplit}</Soft> : <Row><span>{t.settlement}</span><Status of="settlement" is={split.settlement.status} />{split.status && <><span>{t.split}</span><Status of="split" is={split.status} /></>}</Row>}
    </Card>
  );
}

function Refunds({order}: {order: string}) {
  const t = useText(portalOrders), {tenant} = useSession(), found = useQuery(listOrderRefunds(tenant, order));
  return <Card><h2>{t.refunds}</h2><Shown of={found}>{({data}) => <Lines label={t.refunds} of={data.map(r => ({id: r.id, what: <Row><Status of="refund" is={r.status} /><Soft small><Time at={r.created_at} />{r.reason !== '' && ` · ${r.reason}`}</Soft></Row>, end: yuan(r.amount_fen)}))} />}</Shown></Card>;
}
