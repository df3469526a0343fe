import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useState} from 'react';
import {listMerchants, type Merchant} from '../../../api/queries/merchants.ts';
import {useSession} from '../../../api/session.ts';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {News} from '../../../domain/News.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {common} from '../../../i18n/common.ts';
import {merchants} from '../../../i18n/merchants.ts';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {DataList} from '../../../ui/DataList.tsx';
import {Mono, Page, Row, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {Choice} from '../../../ui/Tabs.tsx';
import {merchantFilters, merchantQuery} from './filters.ts';
import {MerchantForm} from './MerchantForm.tsx';

const route = getRouteApi('/$tenant/merchants');

export function MerchantList() {
  const t = useText(merchants), c = useText(common), words = useText(statusWords), {tenant, can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate();
  const found = useQuery(listMerchants(tenant, merchantQuery(search))), [creating, setCreating] = useState(false);
  const change = (to: Record<string, string | undefined>) => void navigate({search: print({...search, cursor: undefined, ...to})});
  const link = (m: Merchant) => <Link to="/$tenant/merchants/$merchant" params={{tenant, merchant: m.id}}>{m.name}</Link>;
  const total = found.data?.total, filtered = Object.keys(search).length > 0;
  const create = can('createMerchant') && <Button weight="primary" onClick={() => setCreating(true)}>{t.create}</Button>;
  return (
    <Page title={t.merchants} count={total && c.total(total.count, total.capped)} acts={<><ExportButton list="merchants" query={merchantQuery(search)} total={total && c.total(total.count, total.capped)} />{create}</>}>
      <Title of={t.merchants} />
      <Row>
        <Choice label={t.status} of={[['', t.any], ...merchantFilters.status.values.map(v => [v, words.merchant[v]] as const)]} chosen={search['status'] ?? ''} onChoose={v => change({status: v || undefined})} />
        <Choice label={t.kind} of={[['', t.any], ...merchantFilters.kind.values.map(v => [v, t.kinds[v]] as const)]} chosen={search['kind'] ?? ''} onChoose={v => change({kind: v || undefined})} />
        <Filters fields={[{kind: 'text', name: 'name', label: t.name}]} search={search} onChange={change} />
      </Row>
      <News of="listMerchants" />
      <Shown of={found}>
        {page => page.data.length === 0 ? filtered ? <Panel title={t.none} todo={t.noneTodo} /> : <Panel title={t.never} todo={t.neverTodo} /> : <>
          <DataList label={t.merchants} rows={page.data} id={m => m.id} stale={found.isPlaceholderData}
            card={m => ({title: link(m), figure: <Soft small>{t.kinds[m.kind]}</Soft>, when: m.smid ? <Mono>{m.smid}</Mono> : <Time at={m.created_at} />, state: <Status of="merchant" is={m.status} />})} columns={[
              {id: 'name', header: t.name, cell: link},
              {id: 'kind', header: t.kind, cell: m => t.kinds[m.kind], fixed: true},
              {id: 'smid', header: t.smid, cell: m => <Mono>{m.smid ?? ''}</Mono>, priority: 2},
              {id: 'receiver', header: t.receiver, cell: m => <Soft>{m.receiver?.account ?? ''}</Soft>, priority: 3},
              {id: 'time', header: t.created, cell: m => <Time at={m.created_at} />, priority: 3, fixed: true},
              {id: 'status', header: t.status, cell: m => <Status of="merchant" is={m.status} />},
            ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
      {creating && <MerchantForm onClose={() => setCreating(false)} onMade={m => void navigate({to: '/$tenant/merchants/$merchant', params: {tenant, merchant: m.id}})} />}
    </Page>
  );
}
