// One order, one page, one time line.
import {useQuery, useQueryClient} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import type {Schema} from '../../../api/client.ts';
import {getOrder, type Order} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {Id} from '../../../domain/Id.tsx';
import {yuan} from '../../../domain/money.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {common} from '../../../i18n/common.ts';
import {orders} from '../../../i18n/orders.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Big, Card, Columns, Facts, First, Page, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Menu} from '../../../ui/Menu.tsx';
import {OrderMoney} from './OrderMoney.tsx';
import {CloseDialog, ResendDialog} from './OrderActs.tsx';
import {OrderHistory} from '../../../domain/OrderHistory.tsx';
import {RefundDialog} from './RefundDialog.tsx';

const route = getRouteApi('/$tenant/orders/$order');

export function OrderPage() {
  const t = useText(orders), {order: id} = route.useParams(), {tenant} = useSession(), queries = useQueryClient();
  // Who comes from a list sees at once what the list knows.
  const listed = () => queries.getQueriesData<Schema<'OrderList'>>({queryKey: ['listOrders', tenant]}).flatMap(([, page]) => page?.data ?? []).find(o => o.id === id);
  const found = useQuery({...getOrder(tenant, id), placeholderData: listed}), shown = <Shown of={found}>{order => <Shape key={order.id} order={order} />}</Shown>;
  return <><Title of={found.data?.reference || t.order} />{found.data ? shown : <Page title={t.order}>{shown}</Page>}</>;
}

type Act = 'refund' | 'close' | 'resend';

function Shape({order}: {order: Order}) {
  const t = useText(orders), c = useText(common), {tenant, can} = useSession(), [act, setAct] = useState<Act>();
  const left = order.total_fen - order.refunded_fen, close = () => setAct(undefined);
  const refundable = (order.status === 'paid' || order.status === 'delivered' || order.status === 'needs_review') && left > 0 && can('createRefund');
  const more = [
    ...(order.status === 'awaiting_payment' && can('closeOrder') ? [{id: 'close', text: t.close, go: () => setAct('close')}] : []),
    ...(can('resendEvent') && can('listEvents') ? [{id: 'resend', text: t.resend, go: () => setAct('resend')}] : []),
  ];
  return (
    <Page above={<div><Link block to="/$tenant/orders" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.orders}</Link></div>}
      title={<Big>{yuan(order.total_fen)}</Big>} count={<Status of="order" is={order.status} />}
      acts={<>
        {refundable && <Button weight="primary" onClick={() => setAct('refund')}>{t.refundOf(yuan(left))}</Button>}
        {more.length > 0 && <Menu button={<Button>{c.more}</Button>} groups={[{items: more}]} />}
      </>}>
      <Soft>{order.items.map(i => t.items(i.product_name, i.quantity)).join(' · ')} · {order.reference || t.noNumber} · {order.merchant_of_record_name}</Soft>
      <Columns of="side">
        <OrderHistory order={order.id} />
        <First>
          <OrderMoney order={order} />
          <Card>
            <h2>{t.goods}</h2>
            <Lines label={t.goods} of={order.items.map((i, n) => ({id: `${i.product_id}${n}`, what: t.items(i.product_name, i.quantity), end: <Stack tight><span>{yuan(i.amount_fen)}</span><Status of="delivery" is={i.delivery} /></Stack>}))} />
          </Card>
          <Card>
            <h2>{t.facts}</h2>
            <Facts of={[
              [t.buyer, order.buyer_contact], [t.channel, order.payment && t[order.payment.channel]], [t.payment, order.payment && <Status key="s" of="payment" is={order.payment.status} />],
              [t.created, <Time key="c" at={order.created_at} />], [t.paidAt, order.paid_at && <Time at={order.paid_at} />], [t.deliveredAt, order.delivered_at && <Time at={order.delivered_at} />],
              [t.closedAt, order.closed_at && <Time at={order.closed_at} />], [t.expires, order.status === 'awaiting_payment' && <Time at={order.expires_at} />],
              [t.reference, order.reference && <Id id={order.reference} label={t.reference} full />], [t.id, <Id key="i" id={order.id} label={t.id} />],
              [t.trade, order.payment?.trade_no && <Id id={order.payment.trade_no} label={t.trade} full />], [t.outTrade, order.payment && <Id id={order.payment.out_trade_no} label={t.outTrade} />],
            ]} />
          </Card>
        </First>
      </Columns>
      {act === 'refund' && <RefundDialog order={order} onClose={close} />}
      {act === 'close' && <CloseDialog order={order} onClose={close} />}
      {act === 'resend' && <ResendDialog order={order} onClose={close} />}
    </Page>
  );
}
