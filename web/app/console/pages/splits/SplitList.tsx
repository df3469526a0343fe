// Where the money of each paid order is: settled or not, who got which part, and why not.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useAct} from '../../../api/intent.ts';
import {retryOrderSplit} from '../../../api/queries/orders.ts';
import {getOverview, listTodos} from '../../../api/queries/overview.ts';
import {listSplits, type OrderSplit} from '../../../api/queries/splits.ts';
import {useSession} from '../../../api/session.ts';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Money} from '../../../domain/Money.tsx';
import {yuan} from '../../../domain/money.ts';
import {News} from '../../../domain/News.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Reason} from '../../../domain/Reason.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {money} from '../../../i18n/money.ts';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {ShareBar} from '../../../ui/chart/Share.tsx';
import {DataList} from '../../../ui/DataList.tsx';
import {Big, Card, Columns, Page, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {splitFilters, splitQuery} from './filters.ts';

const route = getRouteApi('/$tenant/splits');

export function SplitList() {
  const t = useText(money), words = useText(statusWords), {tenant, can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listSplits(tenant, splitQuery(search)));
  const retry = useAct({name: (order: string) => `retryOrderSplit:${order}`, run: (order, key) => retryOrderSplit(tenant, order, key), touches: ['listSplits', 'getOrderSplit', 'getOrderTimeline', 'listTodos'], done: () => toast(t.retried)});
  const link = (s: OrderSplit, block = false) => <Link block={block} to="/$tenant/orders/$order" params={{tenant, order: s.order_id}}>{s.order_reference || '…' + s.order_id.slice(-8)}</Link>;
  const bar = (s: OrderSplit) => <ShareBar thin of={[...s.parts.map((p, n) => ({id: String(n), size: p.amount_fen - p.returned_fen})), {id: 'kept', size: s.kept_fen, rest: true}]} />;
  const parts = (s: OrderSplit) => [...s.parts.map(p => `${p.receiver === 'platform' ? t.platform : p.merchant_name ?? ''} ${yuan(p.amount_fen)}`), `${t.kept} ${yuan(s.kept_fen)}`].join(' · ');
  const refused = (s: OrderSplit) => s.status === 'refused' || s.settlement.status === 'refused';
  const state = (s: OrderSplit) => <Row>{s.status === undefined ? <Status of="settlement" is={s.settlement.status} /> : <Status of="split" is={s.status} />}{refused(s) && can('retryOrderSplit') && <Button busy={retry.isPending && retry.variables === s.order_id} onClick={() => retry.mutate(s.order_id)}>{t.retry}</Button>}</Row>;
  const reason = (s: OrderSplit) => s.reason ?? s.settlement.reason ?? '';
  return (
    <Page title={t.splits} acts={<ExportButton list="splits" query={splitQuery(search)} />}>
      <Title of={t.splits} />
      {can('getOverview') && <Stages />}
      <Filters fields={[
        {kind: 'one-of', name: 'status', label: t.split, of: splitFilters.status.values.map(v => [v, words.split[v]] as const)},
        {kind: 'one-of', name: 'settlement_status', label: t.settlement, of: splitFilters.settlement_status.values.map(v => [v, words.settlement[v]] as const)}, {kind: 'days', name: 'from', label: t.days},
      ]} search={search} onChange={to => void navigate({search: print({...search, cursor: undefined, ...to})})} />
      <News of="listSplits" />
      <ProblemNote of={retry.error} />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.none} todo={t.noneTodo} /> : <>
          <DataList label={t.splits} rows={page.data} id={s => s.order_id} stale={found.isPlaceholderData}
            card={s => ({title: <Stack tight>{link(s, true)}{refused(s) ? <Reason of={reason(s)} soft /> : <><Soft small>{parts(s)}</Soft>{bar(s)}</>}</Stack>, figure: <Money fen={s.settlement.amount_fen} />, when: <Time at={s.created_at} />, state: state(s)})} columns={[
              {id: 'time', header: t.time, cell: s => <Time at={s.created_at} />, fixed: true},
              {id: 'order', header: t.order, cell: s => link(s)},
              {id: 'merchant', header: t.merchant, cell: s => <Soft>{s.merchant_of_record_name}</Soft>, priority: 3},
              {id: 'parts', header: t.parts, cell: s => <Stack tight><Soft>{parts(s)}</Soft>{refused(s) ? <Reason of={reason(s)} soft /> : bar(s)}</Stack>, priority: 2},
              {id: 'settlement', header: t.settlement, cell: s => <Status of="settlement" is={s.settlement.status} />, priority: 2},
              {id: 'split', header: t.split, cell: state},
              {id: 'amount', header: t.amount, cell: s => <Money fen={s.settlement.amount_fen} />, align: 'right'},
            ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}

// Stages are where the money of all orders is, and how many frozen payments Alipay frees soon whether they are split or not.
function Stages() {
  const t = useText(money), {tenant, can} = useSession(), {data} = useQuery(getOverview(tenant)), todos = useQuery({...listTodos(tenant), enabled: can('listTodos')});
  if (data === undefined) return null;
  const ending = todos.data?.data.filter(todo => todo.kind === 'freeze_ending').reduce((n, todo) => n + todo.count, 0) ?? 0, {stages: s} = data;
  const figures: [string, string][] = [[t.unsettled, yuan(s.unsettled_fen)], [t.frozen, yuan(s.frozen_fen)], [t.settled, yuan(s.settled_fen)], ...(ending > 0 ? [[t.ending, t.endingOf(ending)] as [string, string]] : [])];
  return <Card label={t.stages}><Columns of="four">{figures.map(([name, figure]) => <Stack tight key={name}><Soft small>{name}</Soft><Big>{figure}</Big></Stack>)}</Columns></Card>;
}
