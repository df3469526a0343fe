// One product: its price, its stock, and for its supplier the card keys that come in.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import {getProduct, getStock, listCardKeyImports, type CardKeyImport, type Product} from '../../../api/queries/catalog.ts';
import {useMerchant, useSession} from '../../../api/session.ts';
import {Id} from '../../../domain/Id.tsx';
import {ImportDialog} from '../../../domain/ImportDialog.tsx';
import {yuan} from '../../../domain/money.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {lowStock} from '../../../domain/stock.ts';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {VoidDialog} from '../../../domain/VoidDialog.tsx';
import {portalGoods} from '../../../i18n/portalGoods.ts';
import {grouped, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Big, Card, Columns, Facts, First, Page, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Note} from '../../../ui/Panel.tsx';

const route = getRouteApi('/$tenant/goods/$product');

export function GoodsPage() {
  const {product} = route.useParams(), {tenant} = useSession(), t = useText(portalGoods), found = useQuery(getProduct(tenant, product)), shown = <Shown of={found}>{p => <Shape key={p.id} product={p} />}</Shown>;
  return <><Title of={found.data?.name ?? t.product} />{found.data ? shown : <Page title={t.product}>{shown}</Page>}</>;
}

function Shape({product: p}: {product: Product}) {
  const t = useText(portalGoods), {tenant, can} = useSession(), mine = useMerchant(), [importing, setImporting] = useState(false), supplies = p.supplier_id === mine;
  const does = [...(supplies ? [t.supplies] : []), ...(p.merchant_of_record_id === mine ? [t.collects] : [])].join(' · ');
  return (
    <Page above={<div><Link block to="/$tenant/goods" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.goods}</Link></div>} title={p.name} count={<Status of="product" is={p.status} />}
      acts={supplies && can('importCardKeys') && <Button weight="primary" onClick={() => setImporting(true)}>{t.import}</Button>}>
      <Columns of="side">
        <Stack>
          {can('getStock') && <Stock product={p} />}
          {supplies && can('listCardKeyImports') && <Imports product={p.id} />}
        </Stack>
        <First>
          <Card>
            <Big>{yuan(p.price_fen)}</Big>
            <Facts of={[[t.roleOf, does], [t.created, <Time key="c" at={p.created_at} />], [t.id, <Id key="i" id={p.id} label={t.id} />]]} />
            <Soft small>{supplies ? t.yours : t.notYours}</Soft>
          </Card>
        </First>
      </Columns>
      {importing && <ImportDialog product={p.id} onClose={() => setImporting(false)} />}
    </Page>
  );
}

function Stock({product: p}: {product: Product}) {
  const t = useText(portalGoods), {tenant} = useSession(), found = useQuery(getStock(tenant, p.id));
  return (
    <Card>
      <h2>{t.stock}</h2>
      <Shown of={found}>
        {s => <>
          {p.status === 'active' && s.available < lowStock && <Note tone="warn">{t.low}</Note>}
          <Columns of="four">{([[t.available, s.available], [t.reserved, s.reserved], [t.delivered, s.delivered], [t.void, s.void]] as const).map(([name, n]) => <div key={name}><Stack tight><Soft small>{name}</Soft><Big>{grouped(n)}</Big></Stack></div>)}</Columns>
        </>}
      </Shown>
    </Card>
  );
}

function Imports({product}: {product: string}) {
  const t = useText(portalGoods), {tenant, can} = useSession(), found = useQuery(listCardKeyImports(tenant, product)), [chosen, setChosen] = useState<CardKeyImport>();
  return (
    <Card>
      <h2>{t.imports}</h2>
      <Shown of={found}>
        {({data}) => data.length === 0 ? <Soft>{t.noImports}</Soft> : <Lines label={t.imports} of={data.map(i => ({
          id: i.id, what: <Stack tight><span>{t.importOf(i.accepted)}</span><Soft small><Time at={i.created_at} />{i.duplicates > 0 && ` · ${t.duplicates(i.duplicates)}`}</Soft></Stack>,
          end: can('voidCardKeyImport') && i.accepted > 0 && <Button onClick={() => setChosen(i)}>{t.voidBatch}</Button>,
        }))} />}
      </Shown>
      {chosen && <VoidDialog of={{batch: chosen.id}} onClose={() => setChosen(undefined)} />}
    </Card>
  );
}
