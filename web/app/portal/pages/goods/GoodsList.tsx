import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listProducts, listStock, type Product} from '../../../api/queries/catalog.ts';
import {useSession} from '../../../api/session.ts';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Money} from '../../../domain/Money.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {lowStock} from '../../../domain/stock.ts';
import {Title} from '../../../domain/Title.tsx';
import {portalGoods} from '../../../i18n/portalGoods.ts';
import {statusWords} from '../../../i18n/status.ts';
import {grouped, useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Page} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Mark} from '../../../ui/Mark.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {goodsFilters, goodsQuery} from './filters.ts';

const route = getRouteApi('/$tenant/goods');

export function GoodsList() {
  const t = useText(portalGoods), words = useText(statusWords), {tenant, can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate();
  const found = useQuery(listProducts(tenant, goodsQuery(search))), stock = useQuery({...listStock(tenant, goodsQuery(search)), enabled: can('listStock')});
  const free = (p: Product) => stock.data?.data.find(s => s.product_id === p.id)?.available;
  const low = (p: Product) => { const n = free(p); return n !== undefined && n < lowStock && p.status === 'active'; };
  const counted = (p: Product) => { const n = free(p); return n !== undefined && <>{low(p) ? <Mark look={['act', 'triangle']}>{t.inStock(n)}</Mark> : t.inStock(n)}</>; };
  const link = (p: Product) => <Link to="/$tenant/goods/$product" params={{tenant, product: p.id}}>{p.name}</Link>;
  return (
    <Page title={t.goods}>
      <Title of={t.goods} />
      <Filters fields={[{kind: 'one-of', name: 'status', label: t.status, of: goodsFilters.status.values.map(v => [v, words.product[v]] as const)}, {kind: 'text', name: 'name', label: t.name}]} search={search} onChange={to => void navigate({search: print({...search, cursor: undefined, ...to})})} />
      <Shown of={found}>
        {page => page.data.length === 0 ? Object.keys(search).length > 0 ? <Panel title={t.none} todo={t.noneTodo} /> : <Panel title={t.never} todo={t.neverTodo} /> : <>
          <DataList label={t.goods} rows={page.data} id={p => p.id} stale={found.isPlaceholderData} card={p => ({title: link(p), figure: <Money fen={p.price_fen} />, when: counted(p), state: <Status of="product" is={p.status} />})} columns={[
            {id: 'name', header: t.name, cell: link},
            {id: 'status', header: t.status, cell: p => <Status of="product" is={p.status} />, fixed: true},
            {id: 'stock', header: t.available, cell: p => { const n = free(p); return n !== undefined && (low(p) ? <span title={t.low}><Mark look={['act', 'triangle']}>{grouped(n)}</Mark></span> : grouped(n)); }, align: 'right', fixed: true},
            {id: 'price', header: t.price, cell: p => <Money fen={p.price_fen} />, align: 'right'},
          ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
