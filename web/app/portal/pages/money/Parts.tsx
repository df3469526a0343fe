import {useQuery} from '@tanstack/react-query';
import {listMerchantSplits, type MerchantSplit} from '../../../api/queries/merchants.ts';
import {useMerchant, useSession} from '../../../api/session.ts';
import {Id} from '../../../domain/Id.tsx';
import {Money} from '../../../domain/Money.tsx';
import {yuan} from '../../../domain/money.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {portalMoney} from '../../../i18n/portalMoney.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Soft} from '../../../ui/Layout.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import type {ViewProps} from './Collected.tsx';
import {pageQuery} from './filters.ts';

// Parts are what the merchant receives of orders that others are paid for: of these it learns no more than their number.
export function Parts({search, go}: ViewProps) {
  const t = useText(portalMoney), {tenant} = useSession(), mine = useMerchant(), found = useQuery(listMerchantSplits(tenant, mine, pageQuery(search)));
  const back = (s: MerchantSplit) => s.returned_fen > 0 && <Soft small>{t.back} {yuan(s.returned_fen)}</Soft>;
  return (
    <Shown of={found}>
      {page => page.data.length === 0 ? <Panel title={t.noParts} todo={t.noPartsTodo} /> : <>
        <DataList label={t.views.parts} rows={page.data} id={s => s.order_id} stale={found.isPlaceholderData} card={s => ({title: <Id id={s.order_id} label={t.order} />, figure: <Money fen={s.amount_fen} />, when: <><Time at={s.done_at ?? s.created_at} /> {back(s)}</>, state: <Status of="split" is={s.status} />})} columns={[
          {id: 'time', header: t.time, cell: s => <Time at={s.created_at} />, fixed: true},
          {id: 'order', header: t.order, cell: s => <Id id={s.order_id} label={t.order} />},
          {id: 'account', header: t.account, cell: s => <Soft>{s.receiver_account}</Soft>, priority: 2},
          {id: 'done', header: t.done, cell: s => s.done_at && <Time at={s.done_at} />, priority: 2, fixed: true},
          {id: 'status', header: t.status, cell: s => <Status of="split" is={s.status} />},
          {id: 'amount', header: t.amount, cell: s => <>{back(s)} <Money fen={s.amount_fen} /></>, align: 'right'},
        ]} />
        <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => go({cursor: to})} />
      </>}
    </Shown>
  );
}
