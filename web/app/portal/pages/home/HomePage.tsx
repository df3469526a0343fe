import {useQuery} from '@tanstack/react-query';
import {getMerchantOverview} from '../../../api/queries/merchants.ts';
import {useMerchant, useSession} from '../../../api/session.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {portal} from '../../../i18n/portal.ts';
import {useText} from '../../../i18n/texts.ts';
import {Columns, First, Page, Stack} from '../../../ui/Layout.tsx';
import {Figures} from './Figures.tsx';
import {Held} from './Held.tsx';
import {Latest} from './Latest.tsx';
import {LowStock} from './LowStock.tsx';
import {State} from './State.tsx';

const minute = 60_000;

export function HomePage() {
  const t = useText(portal), {tenant, can} = useSession(), mine = useMerchant();
  const found = useQuery({...getMerchantOverview(tenant, mine), enabled: can('getMerchantOverview'), refetchInterval: minute});
  const latest = can('listOrders') && <Latest />;
  return (
    <Page title={t.home} count={found.data && <>{t.asOf} <Time at={found.data.as_of} /></>}>
      <Title of={t.home} />
      <Shown of={found}>{o => <State of={o} />}</Shown>
      {can('listStock') && <LowStock />}
      {found.data && <Figures of={found.data} />}
      {found.data && found.data.held.length > 0 ? <Columns of="side"><Stack>{latest}</Stack><First><Held of={found.data.held} /></First></Columns> : latest}
    </Page>
  );
}
