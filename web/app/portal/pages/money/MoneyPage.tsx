// Where a merchant's money is: what it is paid for orders, what others share with it, and what went back to buyers.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {getMerchantOverview} from '../../../api/queries/merchants.ts';
import {useMerchant, useSession} from '../../../api/session.ts';
import {print, type Search} from '../../../domain/filters.ts';
import {yuan} from '../../../domain/money.ts';
import {Title} from '../../../domain/Title.tsx';
import {portalMoney} from '../../../i18n/portalMoney.ts';
import {useText} from '../../../i18n/texts.ts';
import {Big, Card, Columns, Page, Soft} from '../../../ui/Layout.tsx';
import {Choice} from '../../../ui/Tabs.tsx';
import {Collected} from './Collected.tsx';
import {viewOf, views, type View} from './filters.ts';
import {Parts} from './Parts.tsx';
import {Refunds} from './Refunds.tsx';

const route = getRouteApi('/$tenant/money');

const reads = {collected: 'listSplits', parts: 'listMerchantSplits', refunds: 'listRefunds'} as const;

export function MoneyPage() {
  const t = useText(portalMoney), {tenant, can} = useSession(), mine = useMerchant(), search: Search = route.useSearch(), navigate = route.useNavigate(), view = viewOf(search);
  const {data: o} = useQuery({...getMerchantOverview(tenant, mine), enabled: can('getMerchantOverview')});
  const go = (change: Record<string, string | undefined>) => void navigate({search: print({...search, ...change})});
  const List = {collected: Collected, parts: Parts, refunds: Refunds}[view];
  return (
    <Page title={t.money}>
      <Title of={t.money} />
      {o && <Columns of="four">{([[t.unsettled, o.stages.unsettled_fen], [t.frozen, o.stages.frozen_fen], [t.settled, o.stages.settled_fen], [t.refunded, o.today.refunded_fen]] as const).map(([name, fen]) => <Card key={name}><Soft>{name}</Soft><Big>{yuan(fen)}</Big></Card>)}</Columns>}
      <Choice<View> label={t.view} of={views.filter(v => can(reads[v])).map(v => [v, t.views[v]] as const)} chosen={view} onChoose={v => void navigate({search: print({view: v === 'collected' ? undefined : v})})} />
      <List search={search} go={go} />
    </Page>
  );
}
