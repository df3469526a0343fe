// What became of each card key of a product. The keys themselves are not shown.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import {getProduct, listCardKeys, type StockCardKey} from '../../../api/queries/catalog.ts';
import {useSession} from '../../../api/session.ts';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Id} from '../../../domain/Id.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {catalog} from '../../../i18n/catalog.ts';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {DataList} from '../../../ui/DataList.tsx';
import {Page, Row, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {cardKeyFilters, cardKeyQuery} from './filters.ts';
import {VoidDialog} from '../../../domain/VoidDialog.tsx';

const route = getRouteApi('/$tenant/products/$product/card_keys');

export function CardKeyList() {
  const t = useText(catalog), words = useText(statusWords), {tenant, can} = useSession(), {product} = route.useParams(), search: Search = route.useSearch(), navigate = route.useNavigate();
  const found = useQuery({...listCardKeys(tenant, product, cardKeyQuery(search)), enabled: can('listCardKeys')}), of = useQuery(getProduct(tenant, product)), [chosen, setChosen] = useState('');
  const order = (k: StockCardKey) => k.order_id && <Link to="/$tenant/orders/$order" params={{tenant, order: k.order_id}}>{'…' + k.order_id.slice(-8)}</Link>;
  const changed = (k: StockCardKey) => { const at = k.voided_at ?? k.delivered_at; return at && <Time at={at} />; };
  const state = (k: StockCardKey) => <Row><Status of="cardKey" is={k.status} />{k.status === 'available' && can('voidCardKey') && <Button onClick={() => setChosen(k.id)}>{t.voidOne}</Button>}</Row>;
  return (
    <Page title={t.cardKeys} count={of.data?.name} above={<div><Link block to="/$tenant/products/$product" params={{tenant, product}}><ArrowLeft size={16} aria-hidden />{of.data?.name ?? t.product}</Link></div>}>
      <Title of={t.cardKeys} />
      <Filters fields={[{kind: 'one-of', name: 'status', label: t.status, of: cardKeyFilters.status.values.map(v => [v, words.cardKey[v]] as const)}, {kind: 'text', name: 'import_id', label: t.batch}]}
        search={search} onChange={to => void navigate({search: print({...search, cursor: undefined, ...to})})} />
      <Soft small>{t.hidden}</Soft>
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noKeys} todo={t.noKeysTodo} /> : <>
          <DataList label={t.cardKeys} rows={page.data} id={k => k.id} stale={found.isPlaceholderData}
            card={k => ({title: <Id id={k.id} label={t.key} />, figure: order(k), when: <Time at={k.voided_at ?? k.delivered_at ?? k.created_at} />, state: state(k)})} columns={[
              {id: 'time', header: t.time, cell: k => <Time at={k.created_at} />, fixed: true},
              {id: 'key', header: t.key, cell: k => <Id id={k.id} label={t.key} />},
              {id: 'order', header: t.order, cell: order},
              {id: 'changed', header: t.changed, cell: changed, priority: 2, fixed: true},
              {id: 'status', header: t.status, cell: state},
            ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
      {chosen !== '' && <VoidDialog of={{key: chosen}} onClose={() => setChosen('')} />}
    </Page>
  );
}
