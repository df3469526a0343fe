import {useQuery} from '@tanstack/react-query';
import {listSplits, type OrderSplit} from '../../../api/queries/splits.ts';
import {useSession} from '../../../api/session.ts';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters} from '../../../domain/Filters.tsx';
import type {Search} from '../../../domain/filters.ts';
import {Money} from '../../../domain/Money.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {portalMoney} from '../../../i18n/portalMoney.ts';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Row} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {moneyFilters, splitQuery} from './filters.ts';

export interface ViewProps {search: Search; go: (change: Record<string, string | undefined>) => void}

// Collected are the orders that were paid to the merchant: settled or not, and what of each stays.
export function Collected({search, go}: ViewProps) {
  const t = useText(portalMoney), words = useText(statusWords), {tenant} = useSession(), query = splitQuery(search), found = useQuery(listSplits(tenant, query));
  const link = (s: OrderSplit, block = false) => <Link block={block} to="/$tenant/orders/$order" params={{tenant, order: s.order_id}}>{s.order_reference || '…' + s.order_id.slice(-8)}</Link>;
  const state = (s: OrderSplit) => s.status === undefined || s.settlement.status !== 'done' ? <Status of="settlement" is={s.settlement.status} /> : <Status of="split" is={s.status} />;
  return (
    <>
      <Row between>
        <Filters fields={[{kind: 'one-of', name: 'settlement_status', label: t.settlement, of: moneyFilters.settlement_status.values.map(v => [v, words.settlement[v]] as const)}]} search={search} onChange={to => go({cursor: undefined, ...to})} />
        <ExportButton list="splits" query={query} />
      </Row>
      <Shown of={found}>
        {page => page.data.length === 0 ? search['settlement_status'] === undefined ? <Panel title={t.noCollected} todo={t.noCollectedTodo} /> : <Panel title={t.noneOfStatus} todo={t.noneOfStatusTodo} /> : <>
          <DataList label={t.views.collected} rows={page.data} id={s => s.order_id} stale={found.isPlaceholderData} card={s => ({title: link(s, true), figure: <Money fen={s.kept_fen} />, when: <Time at={s.created_at} />, state: state(s)})} columns={[
            {id: 'time', header: t.time, cell: s => <Time at={s.created_at} />, fixed: true},
            {id: 'order', header: t.order, cell: s => link(s)},
            {id: 'settlement', header: t.settlement, cell: s => <Status of="settlement" is={s.settlement.status} />},
            {id: 'split', header: t.split, cell: s => s.status && <Status of="split" is={s.status} />, priority: 2},
            {id: 'amount', header: t.amount, cell: s => <Money fen={s.settlement.amount_fen} />, align: 'right', priority: 2},
            {id: 'kept', header: t.kept, cell: s => <Money fen={s.kept_fen} />, align: 'right'},
          ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => go({cursor: to})} />
        </>}
      </Shown>
    </>
  );
}
