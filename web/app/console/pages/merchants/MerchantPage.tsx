// One merchant: what it can do, its applications at Alipay, and what it received.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {getMerchant, getMerchantOverview, listMerchantApplications, listMerchantSplits, reactivateMerchant, suspendMerchant, type Merchant} from '../../../api/queries/merchants.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {drawer} from '../../../domain/drawer.ts';
import {Id} from '../../../domain/Id.tsx';
import {yuan} from '../../../domain/money.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {merchants} from '../../../i18n/merchants.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Card, Columns, Facts, First, Page, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Mark} from '../../../ui/Mark.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {MerchantForm, ReceiverForm} from './MerchantForm.tsx';

const route = getRouteApi('/$tenant/merchants/$merchant');

export function MerchantPage() {
  const {merchant} = route.useParams(), {tenant} = useSession(), t = useText(merchants), found = useQuery(getMerchant(tenant, merchant));
  return <><Title of={found.data?.name ?? t.merchant} /><Shown of={found}>{m => <Shape key={m.id} merchant={m} />}</Shown></>;
}

type Act = 'edit' | 'receiver' | 'state';

function Shape({merchant: m}: {merchant: Seen<Merchant>}) {
  const t = useText(merchants), {tenant, can} = useSession(), [act, setAct] = useState<Act>(), close = () => setAct(undefined);
  const stops = m.status === 'active' && can('suspendMerchant'), starts = m.status === 'suspended' && can('reactivateMerchant');
  return (
    <Page above={<div><Link block to="/$tenant/merchants" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.merchants}</Link></div>} title={m.name} count={<Status of="merchant" is={m.status} />}
      acts={<>
        {stops && <Button onClick={() => setAct('state')}>{t.suspend}</Button>}
        {can('updateMerchant') && <Button onClick={() => setAct('edit')}>{t.edit}</Button>}
        {starts && <Button weight="primary" onClick={() => setAct('state')}>{t.reactivate}</Button>}
      </>}>
      <Columns of="side">
        <Stack>
          <Applications merchant={m.id} />
          {can('listMerchantSplits') && <Parts merchant={m.id} />}
        </Stack>
        <First>
          {can('getMerchantOverview') && <Ability merchant={m.id} />}
          <Card>
            <h2>{t.facts}</h2>
            <Facts of={[
              [t.kind, t.kinds[m.kind]], [t.smid, m.smid && <Id id={m.smid} label={t.smid} full />], [t.contact, m.contact],
              [t.receiver, m.receiver === undefined ? <Soft key="r">{t.noReceiver}</Soft> : m.receiver.account], [t.created, <Time key="c" at={m.created_at} />], [t.id, <Id key="i" id={m.id} label={t.id} />],
            ]} />
            <Row>
              {(m.receiver === undefined ? can('updateMerchant') : can('createApproval')) && <Button onClick={() => setAct('receiver')}>{m.receiver === undefined ? t.setReceiver : t.changeReceiver}</Button>}
              {can('listOrders') && <Link block to="/$tenant/orders" params={{tenant}} search={{merchant_of_record_id: m.id}}>{t.toOrders}</Link>}
            </Row>
          </Card>
        </First>
      </Columns>
      {act === 'edit' && <MerchantForm merchant={m} onClose={close} />}
      {act === 'receiver' && <ReceiverForm merchant={m} onClose={close} />}
      {act === 'state' && <StateDialog merchant={m} onClose={close} />}
    </Page>
  );
}

function Ability({merchant}: {merchant: string}) {
  const t = useText(merchants), {tenant} = useSession(), found = useQuery(getMerchantOverview(tenant, merchant));
  return (
    <Card>
      <h2>{t.can}</h2>
      <Shown of={found}>
        {o => <>
          <Row><Mark look={o.can_collect ? ['good', 'check'] : ['over', 'dash']}>{o.can_collect ? t.collects : t.collectsNot}</Mark><Mark look={o.can_receive_parts ? ['good', 'check'] : ['over', 'dash']}>{o.can_receive_parts ? t.receives : t.receivesNot}</Mark></Row>
          <Lines label={t.can} of={[{id: 'today', what: t.today, end: yuan(o.today.turnover_fen)}, {id: 'frozen', what: t.frozen, end: yuan(o.stages.frozen_fen)}, {id: 'settled', what: t.settled, end: yuan(o.stages.settled_fen)}]} />
        </>}
      </Shown>
    </Card>
  );
}

function Applications({merchant}: {merchant: string}) {
  const t = useText(merchants), {tenant, can, membership} = useSession(), found = useQuery({...listMerchantApplications(tenant, merchant), enabled: can('listMerchantApplications')});
  if (!can('listMerchantApplications')) return null;
  return (
    <Card>
      <h2>{t.applications}</h2>
      <Shown of={found}>
        {({data}) => data.length === 0 ? <><Soft>{t.noApplications}</Soft>{membership.mode === 'sandbox' && can('getSandbox') && can('createApplication') && <div><Button onClick={() => drawer.set(true)}>{t.inSandbox}</Button></div>}</> : <Lines label={t.applications} of={data.map(a => ({
          id: a.id, what: <><Link block to="/$tenant/applications/$application" params={{tenant, application: a.id}}>{a.form.name ?? '…' + a.id.slice(-8)}</Link> <Soft small><Time at={a.submitted_at ?? a.created_at} /></Soft></>, end: <Status of="application" is={a.status} />,
        }))} />}
      </Shown>
    </Card>
  );
}

function Parts({merchant}: {merchant: string}) {
  const t = useText(merchants), {tenant} = useSession(), found = useQuery(listMerchantSplits(tenant, merchant));
  return (
    <Card>
      <h2>{t.splits}</h2>
      <Shown of={found}>
        {({data}) => data.length === 0 ? <Soft>{t.noSplits}</Soft> : <Lines label={t.splits} of={data.map(s => ({
          id: s.order_id, what: <Row><Link block to="/$tenant/orders/$order" params={{tenant, order: s.order_id}}>{'…' + s.order_id.slice(-8)}</Link><Soft small><Time at={s.done_at ?? s.created_at} />{s.returned_fen > 0 && ` · ${t.returned(yuan(s.returned_fen))}`}</Soft><Status of="split" is={s.status} /></Row>, end: yuan(s.amount_fen),
        }))} />}
      </Shown>
    </Card>
  );
}

function StateDialog({merchant: m, onClose}: {merchant: Merchant; onClose: () => void}) {
  const t = useText(merchants), {tenant} = useSession(), stop = m.status === 'active';
  const act = useAct({
    name: () => `${stop ? 'suspend' : 'reactivate'}Merchant:${m.id}`, run: (_: void, key) => stop ? suspendMerchant(tenant, m.id, key) : reactivateMerchant(tenant, m.id, key),
    touches: ['getMerchant', 'listMerchants', 'getMerchantOverview'], done: () => { toast(stop ? t.suspended : t.reactivated); onClose(); },
  });
  return <Confirm title={stop ? t.suspend : t.reactivate} lead={stop ? t.suspendLead : t.reactivateLead} verb={stop ? t.suspend : t.reactivate} weight={stop ? 'danger' : 'primary'} act={act} go={() => act.mutate()} onClose={onClose} />;
}
