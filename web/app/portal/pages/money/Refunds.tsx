import {useQuery} from '@tanstack/react-query';
import {listRefunds, type Refund} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {Money} from '../../../domain/Money.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {portalMoney} from '../../../i18n/portalMoney.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import type {ViewProps} from './Collected.tsx';
import {pageQuery} from './filters.ts';

// Refunds are what buyers got back of orders that were paid to the merchant.
export function Refunds({search, go}: ViewProps) {
  const t = useText(portalMoney), {tenant} = useSession(), found = useQuery(listRefunds(tenant, pageQuery(search)));
  const link = (r: Refund, block = false) => <Link block={block} to="/$tenant/orders/$order" params={{tenant, order: r.order_id}}>{r.order_reference || '…' + r.order_id.slice(-8)}</Link>;
  const why = (r: Refund) => [r.reason, ...(r.origin === 'outside' ? [t.outside] : []), r.failure].filter(Boolean).join(' · ');
  return (
    <Shown of={found}>
      {page => page.data.length === 0 ? <Panel title={t.noRefunds} todo={t.noRefundsTodo} /> : <>
        <DataList label={t.views.refunds} rows={page.data} id={r => r.id} stale={found.isPlaceholderData} card={r => ({title: link(r, true), figure: <Money fen={r.amount_fen} />, when: <><Time at={r.created_at} /> <Soft small>{why(r)}</Soft></>, state: <Status of="refund" is={r.status} />})} columns={[
          {id: 'time', header: t.time, cell: r => <Time at={r.created_at} />, fixed: true},
          {id: 'order', header: t.order, cell: r => link(r)},
          {id: 'reason', header: t.reason, cell: r => <Soft>{why(r)}</Soft>, priority: 2},
          {id: 'status', header: t.status, cell: r => <Status of="refund" is={r.status} />},
          {id: 'amount', header: t.amount, cell: r => <Money fen={r.amount_fen} />, align: 'right'},
        ]} />
        <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => go({cursor: to})} />
      </>}
    </Shown>
  );
}
