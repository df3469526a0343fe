// What can be played with the order or the application that is shown.
import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import {useAct} from '../../api/intent.ts';
import {getApplication, type Application} from '../../api/queries/merchants.ts';
import {getOrder, type Order} from '../../api/queries/orders.ts';
import {decideSandboxApplication, failSandboxPayment, paySandboxOrder, sendSandboxComplaint, type SandboxStep} from '../../api/queries/sandbox.ts';
import {useSession} from '../../api/session.ts';
import {ProblemNote, Shown} from '../../domain/Problem.tsx';
import {Status} from '../../domain/Status.tsx';
import {sandbox} from '../../i18n/sandbox.ts';
import {useText} from '../../i18n/texts.ts';
import {Button} from '../../ui/Button.tsx';
import {LongField, SelectField, TextField} from '../../ui/Field.tsx';
import {Row, Soft, Stack} from '../../ui/Layout.tsx';
import {Lines} from '../../ui/Lines.tsx';
import {toast} from '../../ui/Toast.tsx';

const ofOrder = ['getOrder', 'getOrderTimeline', 'listOrders', 'getOverview', 'getGoLiveChecklist'] as const;

export function OrderActs({order}: {order: string}) {
  const t = useText(sandbox), {tenant, can} = useSession(), found = useQuery(getOrder(tenant, order));
  const acts = (o: Order) => {
    if (o.status === 'awaiting_payment') return <>{can('paySandboxOrder') && <Pay order={o.id} />}{can('failSandboxPayment') && <Fail order={o.id} />}</>;
    return o.paid_at !== undefined && can('sendSandboxComplaint') ? <Complain order={o.id} /> : <Soft>{t.orderOver}</Soft>;
  };
  return <section><Stack tight><Shown of={found}>{o => <><Row between><h3>{t.order}</h3><Status of="order" is={o.status} /></Row>{acts(o)}</>}</Shown></Stack></section>;
}

function Pay({order}: {order: string}) {
  const t = useText(sandbox), {tenant} = useSession(), [channel, setChannel] = useState<keyof typeof t.channels>('balance');
  const act = useAct({name: () => `paySandboxOrder:${order}:${channel}`, run: (_: void, key) => paySandboxOrder(tenant, order, channel, key), touches: ofOrder, done: () => toast(t.paid)});
  return (
    <Stack tight>
      <SelectField label={t.payBy} value={channel} onChange={e => setChannel(e.target.value as typeof channel)} of={Object.entries(t.channels)} />
      <Button weight="primary" wide busy={act.isPending} onClick={() => act.mutate()}>{t.pay}</Button>
      <ProblemNote of={act.error} />
    </Stack>
  );
}

function Fail({order}: {order: string}) {
  const t = useText(sandbox), {tenant} = useSession(), [reason, setReason] = useState<keyof typeof t.failures>('balance_not_enough');
  const act = useAct({name: () => `failSandboxPayment:${order}:${reason}`, run: (_: void, key) => failSandboxPayment(tenant, order, reason, key), touches: ofOrder, done: () => toast(t.failed)});
  return (
    <Stack tight>
      <SelectField label={t.failBy} value={reason} onChange={e => setReason(e.target.value as typeof reason)} of={Object.entries(t.failures)} />
      <Button wide busy={act.isPending} onClick={() => act.mutate()}>{t.fail}</Button>
      <ProblemNote of={act.error} />
    </Stack>
  );
}

function Complain({order}: {order: string}) {
  const t = useText(sandbox), {tenant} = useSession(), [content, setContent] = useState(t.complaintUsual);
  const act = useAct({name: () => `sendSandboxComplaint:${order}:${content}`, run: (_: void, key) => sendSandboxComplaint(tenant, order, content.trim(), key), touches: [...ofOrder, 'listTodos', 'listCases'], done: () => toast(t.complained)});
  return (
    <Stack tight>
      <LongField label={t.complaint} value={content} maxLength={512} onChange={e => setContent(e.target.value)} />
      <Button wide busy={act.isPending} onClick={() => act.mutate()}>{t.complain}</Button>
      <ProblemNote of={act.error} />
    </Stack>
  );
}

const steps: Record<string, SandboxStep> = {risk_review: 'risk', data_review: 'materials', signing: 'signature'};

const asksAgain = 2_000;

export function ApplicationActs({application}: {application: string}) {
  const t = useText(sandbox), {tenant} = useSession(), found = useQuery({...getApplication(tenant, application), refetchInterval: q => q.state.data?.status === 'submitted' ? asksAgain : false});
  const over = (a: Application) => a.status === 'draft' ? t.draft : a.status === 'submitted' ? t.onItsWay : t.applicationOver;
  return (
    <section><Stack tight>
      <Shown of={found}>{a => <>
        <Row between><h3>{t.application}</h3><Status of="application" is={a.status} /></Row>
        {a.status === 'in_review' || a.status === 'awaiting_signature' ? <Decide of={a} /> : <Soft>{over(a)}</Soft>}
      </>}</Shown>
    </Stack></section>
  );
}

interface Decision {some: readonly SandboxStep[]; pass: boolean}

function Decide({of: a}: {of: Application}) {
  const t = useText(sandbox), {tenant} = useSession(), [memo, setMemo] = useState(t.memoUsual), open = a.requirements.flatMap(r => r.status === 'waiting' && steps[r.stage] !== undefined ? [steps[r.stage] as SandboxStep] : []);
  const act = useAct<Decision, void>({
    name: d => `decideSandboxApplication:${a.id}:${d.some.join()}:${d.pass}:${memo}`, touches: ['getApplication', 'listMerchantApplications', 'listApplications', 'getMerchant', 'listTodos', 'getGoLiveChecklist'], done: () => toast(t.decided),
    run: async ({some, pass}, key) => {
      for (const step of some) await decideSandboxApplication(tenant, a.id, {step, outcome: pass ? 'passed' : 'rejected', ...(!pass && {memo: memo.trim()})}, `${key}.${step}`);
    },
  });
  return (
    <Stack tight>
      <Button weight="primary" wide busy={act.isPending} onClick={() => act.mutate({some: open, pass: true})}>{t.passAll}</Button>
      <Lines label={t.application} of={open.map(step => ({id: step, what: t.steps[step], end: <Row>
        <Button aria-label={`${t.pass} ${t.steps[step]}`} disabled={act.isPending} onClick={() => act.mutate({some: [step], pass: true})}>{t.pass}</Button>
        <Button aria-label={`${t.reject} ${t.steps[step]}`} disabled={act.isPending} onClick={() => act.mutate({some: [step], pass: false})}>{t.reject}</Button>
      </Row>}))} />
      <TextField label={t.memo} value={memo} maxLength={128} onChange={e => setMemo(e.target.value)} />
      <ProblemNote of={act.error} />
    </Stack>
  );
}
