import {useQuery} from '@tanstack/react-query';
import {listOrders, type Order} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {yuan} from '../../../domain/money.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {portal} from '../../../i18n/portal.ts';
import {useText} from '../../../i18n/texts.ts';
import {Card, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Link} from '../../../ui/Link.tsx';

const most = 5, lookEvery = 30_000;

export function Latest() {
  const t = useText(portal), {tenant} = useSession(), found = useQuery({...listOrders(tenant, {limit: most}), refetchInterval: lookEvery});
  const goods = (o: Order) => [o.items[0]?.product_name ?? '', ...(o.items.length > 1 ? [t.andMore(o.items.length)] : [])].join(' ');
  return (
    <Card>
      <Row between><h2>{t.latest}</h2><Link block to="/$tenant/orders" params={{tenant}}>{t.allOrders}</Link></Row>
      <Shown of={found}>
        {({data}) => data.length === 0 ? <Soft>{t.noOrders}</Soft> : <Lines label={t.latest} of={data.map(o => ({
          id: o.id, what: <Stack tight><Link block to="/$tenant/orders/$order" params={{tenant, order: o.id}}>{goods(o)}</Link><Row><Soft small><Time at={o.created_at} /></Soft><Status of="order" is={o.status} /></Row></Stack>, end: yuan(o.total_fen),
        }))} />}
      </Shown>
    </Card>
  );
}
