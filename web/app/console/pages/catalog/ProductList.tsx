import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useState} from 'react';
import {listProducts, listStock, type Product} from '../../../api/queries/catalog.ts';
import {manyMerchants} from '../../../api/queries/merchants.ts';
import {useSession} from '../../../api/session.ts';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Money} from '../../../domain/Money.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {catalog} from '../../../i18n/catalog.ts';
import {statusWords} from '../../../i18n/status.ts';
import {grouped, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {DataList} from '../../../ui/DataList.tsx';
import {Page, Row, Soft, Strong} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Tag} from '../../../ui/Mark.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {Choice} from '../../../ui/Tabs.tsx';
import {productFilters, productQuery} from './filters.ts';
import {ProductForm} from './ProductForm.tsx';

const route = getRouteApi('/$tenant/products');

export function ProductList() {
  const t = useText(catalog), words = useText(statusWords), {tenant, can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), [creating, setCreating] = useState(false);
  const found = useQuery(listProducts(tenant, productQuery(search))), known = useQuery({...manyMerchants(tenant), enabled: can('listMerchants')});
  const stock = useQuery({...listStock(tenant, productQuery(search)), enabled: can('listStock')}), counted = new Map(stock.data?.data.map(s => [s.product_id, s]));
  const change = (to: Record<string, string | undefined>) => void navigate({search: print({...search, cursor: undefined, ...to})});
  const left = (p: Product) => { const s = counted.get(p.id); return s && (s.available === 0 && p.status === 'active' ? <Tag tone="risk">{t.soldOut}</Tag> : <Strong>{grouped(s.available)}</Strong>); };
  const rest = (p: Product) => { const s = counted.get(p.id); return s && <Soft small>{[[t.reserved, s.reserved], [t.delivered, s.delivered], [t.void, s.void]].filter(([, n]) => n !== 0).map(([name, n]) => `${name} ${grouped(Number(n))}`).join(' · ')}</Soft>; };
  const named = (id: string) => known.data?.data.find(m => m.id === id)?.name ?? '…' + id.slice(-8);
  const link = (p: Product) => <Link to="/$tenant/products/$product" params={{tenant, product: p.id}}>{p.name}</Link>;
  return (
    <Page title={t.products} acts={<><ExportButton list="products" query={productQuery(search)} />{can('createProduct') && <Button weight="primary" onClick={() => setCreating(true)}>{t.create}</Button>}</>}>
      <Title of={t.products} />
      <Row>
        <Choice label={t.status} of={[['', t.any], ...productFilters.status.values.map(v => [v, words.product[v]] as const)]} chosen={search['status'] ?? ''} onChoose={v => change({status: v || undefined})} />
        <Filters fields={[{kind: 'text', name: 'name', label: t.name}]} search={search} onChange={change} />
      </Row>
      <Shown of={found}>
        {page => page.data.length === 0 ? Object.keys(search).length > 0 ? <Panel title={t.none} todo={t.noneTodo} /> : <Panel title={t.never} todo={t.neverTodo} /> : <>
          <DataList label={t.products} rows={page.data} id={p => p.id} stale={found.isPlaceholderData}
            card={p => ({title: link(p), figure: <Money fen={p.price_fen} />, when: can('listStock') ? <>{t.available} {left(p)}</> : named(p.merchant_of_record_id), state: <Status of="product" is={p.status} />})} columns={[
              {id: 'name', header: t.name, cell: link},
              ...(can('listStock') ? [{id: 'left', header: t.available, cell: left, align: 'right', fixed: true} as const, {id: 'rest', header: t.otherKeys, cell: rest, priority: 3} as const] : []),
              {id: 'supplier', header: t.supplier, cell: p => <Soft>{named(p.supplier_id)}</Soft>, priority: 2},
              {id: 'payee', header: t.payee, cell: p => <Soft>{named(p.merchant_of_record_id)}</Soft>, priority: 3},
              {id: 'time', header: t.created, cell: p => <Time at={p.created_at} />, priority: 3, fixed: true},
              {id: 'status', header: t.status, cell: p => <Status of="product" is={p.status} />},
              {id: 'price', header: t.price, cell: p => <Money fen={p.price_fen} />, align: 'right'},
            ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
      {creating && <ProductForm onClose={() => setCreating(false)} onMade={p => void navigate({to: '/$tenant/products/$product', params: {tenant, product: p.id}})} />}
    </Page>
  );
}
