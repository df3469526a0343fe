// What buyers and Alipay do in earnest, done here in a sandbox, for what the page shows.
import {useQuery} from '@tanstack/react-query';
import {useNavigate, useParams} from '@tanstack/react-router';
import {useState, type ReactNode} from 'react';
import {useAct, type Act} from '../../api/intent.ts';
import {getMerchant, type Merchant} from '../../api/queries/merchants.ts';
import {createOrder} from '../../api/queries/orders.ts';
import {getSandbox, moveSandboxClock, setNextSandboxRefund, type Sandbox} from '../../api/queries/sandbox.ts';
import {useSession} from '../../api/session.ts';
import {ProblemNote, Shown} from '../../domain/Problem.tsx';
import {apply} from '../../domain/sample.ts';
import {Time} from '../../domain/Time.tsx';
import {common} from '../../i18n/common.ts';
import {sandbox} from '../../i18n/sandbox.ts';
import {useText} from '../../i18n/texts.ts';
import {Button} from '../../ui/Button.tsx';
import {Dialog} from '../../ui/Dialog.tsx';
import {SelectField} from '../../ui/Field.tsx';
import {Row, Soft, Stack} from '../../ui/Layout.tsx';
import {Panel} from '../../ui/Panel.tsx';
import {toast} from '../../ui/Toast.tsx';
import {ApplicationActs, OrderActs} from './SandboxActs.tsx';

export function SandboxDrawer({onClose}: {onClose: () => void}) {
  const t = useText(sandbox), c = useText(common), {tenant, can} = useSession(), found = useQuery(getSandbox(tenant)), {order, application, merchant, product} = useParams({strict: false});
  return (
    <Dialog open side onClose={onClose} title={t.title} lead={t.lead} acts={<Button onClick={onClose}>{c.close}</Button>}>
      <Shown of={found}>
        {s => !s.simulator ? <Panel title={t.noSimulator} todo={t.noSimulatorTodo} /> : <>
          {order !== undefined && <OrderActs key={order} order={order} />}
          {application !== undefined && can('decideSandboxApplication') && <ApplicationActs key={application} application={application} />}
          {merchant !== undefined && can('createApplication') && can('submitApplication') && <MerchantActs key={merchant} merchant={merchant} />}
          {product !== undefined && can('createOrder') && <ProductActs key={product} product={product} />}
          {order === undefined && application === undefined && merchant === undefined && product === undefined && <Soft>{t.hint}</Soft>}
          {can('setNextSandboxRefund') && <NextRefund />}
          {can('moveSandboxClock') && <Clock of={s} />}
        </>}
      </Shown>
    </Dialog>
  );
}

const Part = ({title, children}: {title: string; children: ReactNode}) => <section><Stack tight><h3>{title}</h3>{children}</Stack></section>;

function MerchantActs({merchant}: {merchant: string}) {
  const t = useText(sandbox), {tenant} = useSession(), navigate = useNavigate(), found = useQuery(getMerchant(tenant, merchant));
  const act = useAct({
    name: () => `sample:${merchant}`, run: (_: void, key) => apply(tenant, merchant, key), touches: ['listMerchantApplications', 'listApplications', 'getMerchant'],
    done: a => { toast(t.applied); void navigate({to: '/$tenant/applications/$application', params: {tenant, application: a.id}}); },
  });
  return (
    <Part title={t.merchant}>
      <Shown of={found}>{(m: Merchant) => m.status === 'pending' ? <><Soft small>{t.applyLead}</Soft><Button weight="primary" wide busy={act.isPending} onClick={() => act.mutate()}>{t.apply}</Button></> : <Soft>{t.merchantOver}</Soft>}</Shown>
      <ProblemNote of={act.error} />
    </Part>
  );
}

const waitsFor = 900;

function ProductActs({product}: {product: string}) {
  const t = useText(sandbox), {tenant} = useSession(), navigate = useNavigate();
  const act = useAct({
    name: () => `createOrder:${product}`, run: (_: void, key) => createOrder(tenant, {items: [{product_id: product, quantity: 1}], expires_in_seconds: waitsFor}, key), touches: ['listOrders', 'getStock', 'listStock', 'getOverview'],
    done: o => { toast(t.bought); void navigate({to: '/$tenant/orders/$order', params: {tenant, order: o.id}}); },
  });
  return <Part title={t.product}><Button weight="primary" wide busy={act.isPending} onClick={() => act.mutate()}>{t.buy}</Button><ProblemNote of={act.error} /></Part>;
}

function NextRefund() {
  const t = useText(sandbox), {tenant} = useSession(), [outcome, setOutcome] = useState<keyof typeof t.outcomes>('succeeds');
  const act = useAct({name: () => `setNextSandboxRefund:${outcome}`, run: (_: void, key) => setNextSandboxRefund(tenant, outcome, key), touches: [], done: () => toast(t.isSet)});
  return (
    <Part title={t.refund}>
      <SelectField label={t.outcome} value={outcome} onChange={e => setOutcome(e.target.value as typeof outcome)} of={Object.entries(t.outcomes)} />
      <Row><Button busy={act.isPending} onClick={() => act.mutate()}>{t.set}</Button></Row>
      <ProblemNote of={act.error} />
    </Part>
  );
}

const quarter = '900';

function Clock({of: s}: {of: Sandbox}) {
  const t = useText(sandbox), {tenant} = useSession(), [by, setBy] = useState(quarter);
  const touches: Act<void, Sandbox>['touches'] = ['getSandbox', 'getOrder', 'getOrderTimeline', 'listOrders', 'getOverview', 'listTodos', 'listSplits', 'getApplication'];
  const act = useAct<void, Sandbox>({name: () => `moveSandboxClock:${s.now}:${by}`, run: (_, key) => moveSandboxClock(tenant, Number(by), key), touches, done: () => toast(t.moved)});
  return (
    <Part title={t.clock}>
      <Soft small>{t.now} <Time at={s.now} /></Soft>
      {s.clock_moves ? <>
        <SelectField label={t.by} help={t.clockLead} value={by} onChange={e => setBy(e.target.value)} of={Object.entries(t.aheads)} />
        <Row><Button busy={act.isPending} onClick={() => act.mutate()}>{t.ahead}</Button></Row>
      </> : <Soft small>{t.shared}</Soft>}
      <ProblemNote of={act.error} />
    </Part>
  );
}
