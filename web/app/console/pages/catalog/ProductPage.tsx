// One product: what it costs, who is paid, and its card keys.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {getProduct, getStock, listCardKeyImports, updateProduct, type CardKeyImport, type Product} from '../../../api/queries/catalog.ts';
import {getMerchant} from '../../../api/queries/merchants.ts';
import {getSplitRule} from '../../../api/queries/rules.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {useEdit} from '../../../domain/edit.ts';
import {Id} from '../../../domain/Id.tsx';
import {yuan} from '../../../domain/money.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {catalog} from '../../../i18n/catalog.ts';
import {statusWords} from '../../../i18n/status.ts';
import {grouped, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Big, Card, Columns, Facts, First, Page, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {ButtonLink, Link} from '../../../ui/Link.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {ProductForm} from './ProductForm.tsx';
import {VoidDialog} from '../../../domain/VoidDialog.tsx';

const route = getRouteApi('/$tenant/products/$product');

export function ProductPage() {
  const {product} = route.useParams(), {tenant} = useSession(), t = useText(catalog), found = useQuery(getProduct(tenant, product));
  return <><Title of={found.data?.name ?? t.product} /><Shown of={found}>{p => <Shape key={p.id} product={p} />}</Shown></>;
}

type Act = 'edit' | 'state';

function Shape({product: p}: {product: Seen<Product>}) {
  const t = useText(catalog), {tenant, can} = useSession(), [act, setAct] = useState<Act>(), close = () => setAct(undefined);
  const rule = useQuery({...getSplitRule(tenant, p.split_rule_id), enabled: can('getSplitRule')});
  return (
    <Page above={<div><Link block to="/$tenant/products" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.products}</Link></div>} title={p.name} count={<Status of="product" is={p.status} />}
      acts={<>
        {can('updateProduct') && <><Button onClick={() => setAct('state')}>{p.status === 'active' ? t.archive : t.restore}</Button><Button onClick={() => setAct('edit')}>{t.edit}</Button></>}
        {can('createCardKeyImport') && <ButtonLink weight="primary" to="/$tenant/products/$product/import" params={{tenant, product: p.id}} search={{}}>{t.import}</ButtonLink>}
      </>}>
      <Columns of="side">
        <Stack>
          {can('getStock') && <Stock product={p.id} />}
          {can('listCardKeyImports') && <Imports product={p.id} />}
        </Stack>
        <First>
          <Card>
            <Big>{yuan(p.price_fen)}</Big>
            <Facts of={[
              [t.payee, <Merchant key="m" id={p.merchant_of_record_id} />], [t.supplier, <Merchant key="s" id={p.supplier_id} />], [t.rule, rule.data && <Link block to="/$tenant/rules/$rule" params={{tenant, rule: p.split_rule_id}}>{rule.data.name}</Link>],
              [t.created, <Time key="c" at={p.created_at} />], [t.id, <Id key="i" id={p.id} label={t.id} />],
            ]} />
            {can('listOrders') && <div><Link block to="/$tenant/orders" params={{tenant}} search={{product_id: p.id}}>{t.toOrders}</Link></div>}
          </Card>
        </First>
      </Columns>
      {act === 'edit' && <ProductForm product={p} onClose={close} />}
      {act === 'state' && <StateDialog product={p} onClose={close} />}
    </Page>
  );
}

function Merchant({id}: {id: string}) {
  const {tenant, can} = useSession(), {data} = useQuery({...getMerchant(tenant, id), enabled: can('getMerchant')});
  return <Link block to="/$tenant/merchants/$merchant" params={{tenant, merchant: id}}>{data?.name ?? '…' + id.slice(-8)}</Link>;
}

function Stock({product}: {product: string}) {
  const t = useText(catalog), {tenant, can} = useSession(), found = useQuery(getStock(tenant, product));
  return (
    <Card>
      <h2>{t.stock}</h2>
      <Shown of={found}>
        {s => <>
          <Columns of="four">{([[t.available, s.available], [t.reserved, s.reserved], [t.delivered, s.delivered], [t.void, s.void]] as const).map(([name, n]) => <div key={name}><Stack tight><Soft small>{name}</Soft><Big>{grouped(n)}</Big></Stack></div>)}</Columns>
          {can('listCardKeys') && <div><ButtonLink to="/$tenant/products/$product/card_keys" params={{tenant, product}}>{t.toKeys}</ButtonLink></div>}
        </>}
      </Shown>
    </Card>
  );
}

function Imports({product}: {product: string}) {
  const t = useText(catalog), {tenant, can} = useSession(), found = useQuery(listCardKeyImports(tenant, product)), [chosen, setChosen] = useState<CardKeyImport>();
  return (
    <Card>
      <h2>{t.imports}</h2>
      <Shown of={found}>
        {({data}) => data.length === 0 ? <Soft>{t.noImports}</Soft> : <Lines label={t.imports} of={data.map(i => ({
          id: i.id, what: <Stack tight><Link block to="/$tenant/products/$product/card_keys" params={{tenant, product}} search={{import_id: i.id}}>{t.importOf(i.accepted)}</Link><Soft small><Time at={i.created_at} />{i.duplicates > 0 && ` · ${t.duplicates(i.duplicates)}`}</Soft></Stack>,
          end: can('voidCardKeyImport') && i.accepted > 0 && <Button onClick={() => setChosen(i)}>{t.voidBatch}</Button>,
        }))} />}
      </Shown>
      {chosen && <VoidDialog of={{batch: chosen.id}} onClose={() => setChosen(undefined)} />}
    </Card>
  );
}

function StateDialog({product, onClose}: {product: Seen<Product>; onClose: () => void}) {
  const t = useText(catalog), words = useText(statusWords), {tenant} = useSession(), edit = useEdit(product, p => ({name: p.name, price: yuan(p.price_fen), status: words.product[p.status]})), p = edit.base, off = p.status === 'active';
  const act = useAct<void, Product>({
    name: () => `updateProduct:${p.id}:${off}`, run: () => updateProduct(tenant, p, {status: off ? 'archived' : 'active'}),
    touches: ['getProduct', 'listProducts'], done: () => { toast(off ? t.archived : t.restored); onClose(); },
  });
  return <Confirm title={off ? t.archive : t.restore} lead={off ? t.archiveLead : t.restoreLead} verb={off ? t.archive : t.restore} weight={off ? 'danger' : 'primary'} act={act} over={{edit, names: {name: t.name, price: t.price, status: t.status}}} go={() => act.mutate()} onClose={onClose}><Row>{p.name}</Row></Confirm>;
}
